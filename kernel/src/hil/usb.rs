//! USB, as a device on it sees it: the controller, and the client that answers the host.
//!
//! Endpoint buffers are cells, because the controller's hardware may change them at any time; a packet of `n`
//! bytes is the first `n` of them. "In" and "out" are as the host sees them: an *in* packet goes to the host.
//! Section numbers are those of the USB 2.0 specification.

use crate::utilities::registers::InMemoryRegister;

/// A controller in the role of a device.
///
/// To be called in this order: buffers, [`Self::enable_as_device`], [`Self::attach`].
pub trait UsbController<'a> {
    /// Says who answers the host.
    fn set_client(&self, client: &'a dyn Client<'a>);

    /// Sets the buffer of endpoint 0, both ways.
    fn endpoint_set_ctrl_buffer(&self, buf: &'a [InMemoryRegister<u8>]);

    /// Sets the buffer for packets from an endpoint to the host.
    fn endpoint_set_in_buffer(&self, endpoint: usize, buf: &'a [InMemoryRegister<u8>]);

    /// Sets the buffer for packets from the host to an endpoint.
    fn endpoint_set_out_buffer(&self, endpoint: usize, buf: &'a [InMemoryRegister<u8>]);

    /// Makes the controller a device. The host does not see it yet.
    fn enable_as_device(&self, speed: DeviceSpeed);

    /// Shows the device to the host.
    fn attach(&self);

    /// Hides the device from the host.
    fn detach(&self);

    /// Sets the address that the host gave, for [`Self::enable_address`].
    fn set_address(&self, addr: u16);

    /// Starts answering to the address that was set: after the status stage of the request that gave it
    /// (9.4.6).
    fn enable_address(&self);

    /// Makes an endpoint send.
    fn endpoint_in_enable(&self, transfer_type: TransferType, endpoint: usize);

    /// Makes an endpoint receive.
    fn endpoint_out_enable(&self, transfer_type: TransferType, endpoint: usize);

    /// Makes an endpoint send and receive.
    fn endpoint_in_out_enable(&self, transfer_type: TransferType, endpoint: usize);

    /// Asks the client again for a packet that it had not when it answered [`InResult::Delay`].
    fn endpoint_resume_in(&self, endpoint: usize);

    /// Offers the client again a packet that it had no room for when it answered [`OutResult::Delay`].
    fn endpoint_resume_out(&self, endpoint: usize);
}

/// How an endpoint transfers (5.4 to 5.8).
#[derive(Clone, Copy, Debug)]
pub enum TransferType {
    /// Requests and answers.
    Control = 0,
    /// At a steady rate, lost if disturbed.
    Isochronous,
    /// As fast as there is room.
    Bulk,
    /// Little, and soon.
    Interrupt,
}

/// How fast a device is.
#[derive(Clone, Copy, Debug)]
pub enum DeviceSpeed {
    /// 12 megabit a second.
    Full,
    /// 1.5 megabit a second.
    Low,
}

/// Answers the host. Every answer is given at once; [`CtrlInResult::Delay`] and its kind make the host ask again.
pub trait Client<'a> {
    /// The machine wants the device on: set buffers and enable the controller.
    fn enable(&'a self);

    /// The machine wants the device seen: attach the controller.
    fn attach(&'a self);

    /// The host reset the bus: everything starts again.
    fn bus_reset(&'a self);

    /// A request: its eight bytes are in the endpoint's buffer (9.3).
    fn ctrl_setup(&'a self, endpoint: usize) -> CtrlSetupResult;

    /// The host wants the next packet of the answer to the request.
    fn ctrl_in(&'a self, endpoint: usize) -> CtrlInResult;

    /// The host sent the next packet of the request's data, of `packet_bytes` bytes.
    fn ctrl_out(&'a self, endpoint: usize, packet_bytes: u32) -> CtrlOutResult;

    /// The data of the request is through; the host asks for its status.
    fn ctrl_status(&'a self, endpoint: usize);

    /// The host has the status: the request is done.
    fn ctrl_status_complete(&'a self, endpoint: usize);

    /// The host wants a packet.
    fn packet_in(&'a self, transfer_type: TransferType, endpoint: usize) -> InResult;

    /// The host sent a packet of `packet_bytes` bytes.
    fn packet_out(
        &'a self,
        transfer_type: TransferType,
        endpoint: usize,
        packet_bytes: u32,
    ) -> OutResult;

    /// The host has the packet that was in the endpoint's buffer.
    fn packet_transmitted(&'a self, endpoint: usize);
}

/// The answer to a request. Any error stalls the endpoint until the next request.
#[derive(Debug)]
pub enum CtrlSetupResult {
    /// It is understood.
    Ok,
    /// It is understood, and gives the device its address.
    OkSetAddress,
    /// The length is wrong.
    ErrBadLength,
    /// It makes no sense.
    ErrNoParse,
    /// It is not a standard one.
    ErrNonstandardRequest,
    /// It asks for an unknown kind of descriptor.
    ErrUnrecognizedDescriptorType,
    /// It is of an unknown kind.
    ErrUnrecognizedRequestType,
    /// It asks for another speed's descriptor, and there is none.
    ErrNoDeviceQualifier,
    /// There is no such device.
    ErrInvalidDeviceIndex,
    /// There is no such configuration.
    ErrInvalidConfigurationIndex,
    /// There is no such interface.
    ErrInvalidInterfaceIndex,
    /// There is no such string.
    ErrInvalidStringIndex,
    /// Something else is wrong.
    ErrGeneric,
}

/// The answer to a host that wants a packet of a request's answer.
pub enum CtrlInResult {
    /// It is in the buffer: how long it is in bytes, and whether it is the last.
    Packet(usize, bool),
    /// Not yet: ask again (NAK).
    Delay,
    /// Never (STALL).
    Error,
}

/// The answer to a host that sent a packet of a request's data.
pub enum CtrlOutResult {
    /// It is taken (ACK).
    Ok,
    /// Not yet: send it again (NAK).
    Delay,
    /// The endpoint is halted (STALL).
    Halted,
}

/// The answer to a host that wants a packet.
#[derive(Debug)]
pub enum InResult {
    /// It is in the buffer: how long it is in bytes.
    Packet(usize),
    /// Not yet: ask again (NAK).
    Delay,
    /// Never (STALL).
    Error,
}

/// The answer to a host that sent a packet.
#[derive(Debug)]
pub enum OutResult {
    /// It is taken.
    Ok,
    /// Not yet: send it again (NAK).
    Delay,
    /// Never (STALL).
    Error,
}
