//! I2C: a controller that can be master or slave.

use kernel::hil::i2c::{
    Error, I2CHwMasterClient, I2CHwSlaveClient, I2CMaster, I2CMasterSlave, I2CSlave,
};

use super::{Buffer, I2cMaster, I2cSlave};

/// A controller, of two fakes.
pub struct I2cMasterSlave {
    /// What it is as a master.
    pub master: &'static I2cMaster,
    /// What it is as a slave.
    pub slave: &'static I2cSlave,
}

impl I2CMaster<'static> for I2cMasterSlave {
    fn set_master_client(&self, master_client: &'static dyn I2CHwMasterClient) {
        self.master.set_master_client(master_client);
    }

    fn enable(&self) {
        self.master.enable();
    }

    fn disable(&self) {
        self.master.disable();
    }

    fn write_read(
        &self,
        addr: u8,
        data: Buffer,
        write_len: usize,
        read_len: usize,
    ) -> Result<(), (Error, Buffer)> {
        self.master.write_read(addr, data, write_len, read_len)
    }

    fn write(&self, addr: u8, data: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.master.write(addr, data, len)
    }

    fn read(&self, addr: u8, buffer: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.master.read(addr, buffer, len)
    }
}

impl I2CSlave<'static> for I2cMasterSlave {
    fn set_slave_client(&self, slave_client: &'static dyn I2CHwSlaveClient) {
        self.slave.set_slave_client(slave_client);
    }

    fn enable(&self) {
        self.slave.enable();
    }

    fn disable(&self) {
        self.slave.disable();
    }

    fn set_address(&self, addr: u8) -> Result<(), Error> {
        self.slave.set_address(addr)
    }

    fn write_receive(&self, data: Buffer, max_len: usize) -> Result<(), (Error, Buffer)> {
        self.slave.write_receive(data, max_len)
    }

    fn read_send(&self, data: Buffer, max_len: usize) -> Result<(), (Error, Buffer)> {
        self.slave.read_send(data, max_len)
    }

    fn listen(&self) {
        self.slave.listen();
    }
}

impl I2CMasterSlave<'static> for I2cMasterSlave {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::i2c::SlaveTransmissionType;
    use std::cell::RefCell;

    /// Notes what each buffer holds when it comes back.
    #[derive(Default)]
    struct Client(RefCell<Vec<Vec<u8>>>);

    impl I2CHwMasterClient for Client {
        fn command_complete(&self, buffer: Buffer, status: Result<(), Error>) {
            assert_eq!(status, Ok(()));
            self.0.borrow_mut().push(buffer.to_vec());
        }
    }

    impl I2CHwSlaveClient for Client {
        fn command_complete(&self, buffer: Buffer, _: usize, _: SlaveTransmissionType) {
            self.0.borrow_mut().push(buffer.to_vec());
        }

        fn read_expected(&self) {}

        fn write_expected(&self) {}
    }

    fn controller() -> (Machine, I2cMasterSlave, &'static Client) {
        let controller = I2cMasterSlave {
            master: I2cMaster::new(&[0x41]),
            slave: I2cSlave::new(),
        };
        (Machine::new(), controller, leak(Client::default()))
    }

    #[test]
    fn a_controller_is_a_master() {
        let (machine, controller, client) = controller();
        let hil: &dyn I2CMasterSlave = &controller;
        hil.set_master_client(client);
        I2CMaster::enable(hil);
        controller.master.answer_next(0x41, &[8]);
        controller.master.answer_next(0x41, &[9]);
        hil.write(0x41, leak([1]), 1).unwrap();
        machine.run();
        hil.read(0x41, leak([0]), 1).unwrap();
        machine.run();
        hil.write_read(0x41, leak([2]), 1, 1).unwrap();
        machine.run();
        assert_eq!(*client.0.borrow(), [[1], [8], [9]]);
        assert_eq!(controller.master.take_written(0x41), [[1], [2]]);
        I2CMaster::disable(hil);
        assert!(hil.write(0x41, leak([1]), 1).is_err());
    }

    #[test]
    fn a_controller_is_a_slave() {
        let (machine, controller, client) = controller();
        let hil: &dyn I2CMasterSlave = &controller;
        hil.set_slave_client(client);
        hil.set_address(0x40).unwrap();
        hil.write_receive(leak([0]), 1).unwrap();
        hil.read_send(leak([8]), 1).unwrap();
        I2CSlave::enable(hil);
        hil.listen();
        controller.slave.master_writes(0x40, &[1]);
        machine.run();
        controller.slave.master_reads(0x40, 1);
        machine.run();
        assert_eq!(*client.0.borrow(), [[1], [8]]);
        assert_eq!(controller.slave.take_read(), [[8]]);
        I2CSlave::disable(hil);
        assert!(!controller.slave.master_writes(0x40, &[2]));
    }
}
