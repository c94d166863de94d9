//! What a controller does once it is set up.

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::can::{
        Configure, Controller, ControllerClient, Error, Id, OperationMode, Receive, ReceiveClient,
        State, Transmit, TransmitClient,
    },
};

use super::{Buffer, Can, CanFrame, Sending, Switch};

impl<const PACKET_SIZE: usize> Can<PACKET_SIZE> {
    fn finish_switch(&self, switch: Switch, result: Result<(), Error>) {
        self.state.set(match (result, switch) {
            (Err(error), _) => State::Error(error),
            (Ok(()), Switch::On) => State::Running,
            (Ok(()), Switch::Off) => State::Disabled,
        });
        if !self.is_on() {
            self.incoming.clear();
        }
        let Some(client) = self.controller_client.get() else {
            return;
        };
        client.state_changed(self.state.get());
        let status = result.map_err(ErrorCode::from);
        match switch {
            Switch::On => client.enabled(status),
            Switch::Off => client.disabled(status),
        }
    }

    fn finish_sending(&self, sending: Sending<PACKET_SIZE>, result: Result<(), Error>) {
        let Sending { id, buffer, len } = sending;
        let status = match result {
            Ok(()) if !self.is_on() => Err(Error::Transmission),
            result => result,
        };
        if status.is_ok() {
            let data = buffer[..len].to_vec();
            self.sent.borrow_mut().push(CanFrame { id, data });
            if let Some(OperationMode::Loopback) = self.mode.get() {
                self.receive(id, &buffer[..len]);
            }
        }
        if let Some(client) = self.transmit_client.get() {
            client.transmit_complete(status, buffer);
        }
    }

    fn finish_stopping(&self) {
        if let (Some(buffer), Some(client)) = (self.buffer.take(), self.receive_client.get()) {
            client.stopped(buffer);
        }
    }

    fn finish_receiving(&self, frame: CanFrame, status: Result<(), Error>) {
        let Some(buffer) = self.buffer.take() else {
            return;
        };
        let len = frame.data.len();
        buffer[..len].copy_from_slice(&frame.data);
        self.receive_client
            .map(|client| client.message_received(frame.id, buffer, len, status));
        self.buffer.replace(buffer);
    }
}

impl<const PACKET_SIZE: usize> Controller for Can<PACKET_SIZE> {
    fn set_client(&self, client: Option<&'static dyn ControllerClient>) {
        self.controller_client.insert(client);
    }

    fn enable(&self) -> Result<(), ErrorCode> {
        self.settle()?;
        self.get_bit_timing()?;
        self.get_operation_mode()?;
        self.switching.try_start(Switch::On)
    }

    fn disable(&self) -> Result<(), ErrorCode> {
        if self.state.get() == State::Disabled {
            return Err(ErrorCode::OFF);
        }
        self.switching.try_start(Switch::Off)
    }

    fn get_state(&self) -> Result<State, ErrorCode> {
        Ok(self.state.get())
    }
}

impl<const PACKET_SIZE: usize> Transmit<PACKET_SIZE> for Can<PACKET_SIZE> {
    fn set_client(&self, client: Option<&'static dyn TransmitClient<PACKET_SIZE>>) {
        self.transmit_client.insert(client);
    }

    fn send(
        &self,
        id: Id,
        buffer: Buffer<PACKET_SIZE>,
        len: usize,
    ) -> Result<(), (ErrorCode, Buffer<PACKET_SIZE>)> {
        if !self.is_on() {
            return Err((ErrorCode::OFF, buffer));
        }
        if len > PACKET_SIZE {
            return Err((ErrorCode::SIZE, buffer));
        }
        if let Err(error) = self.sending.admit() {
            return Err((error, buffer));
        }
        self.sending.start(Sending { id, buffer, len });
        Ok(())
    }
}

impl<const PACKET_SIZE: usize> Receive<PACKET_SIZE> for Can<PACKET_SIZE> {
    fn set_client(&self, client: Option<&'static dyn ReceiveClient<PACKET_SIZE>>) {
        self.receive_client.insert(client);
    }

    fn start_receive_process(
        &self,
        buffer: Buffer<PACKET_SIZE>,
    ) -> Result<(), (ErrorCode, Buffer<PACKET_SIZE>)> {
        if !self.is_on() {
            return Err((ErrorCode::OFF, buffer));
        }
        if self.is_receiving.get() {
            return Err((ErrorCode::BUSY, buffer));
        }
        if let Err(error) = self.stopping.admit() {
            return Err((error, buffer));
        }
        self.is_receiving.set(true);
        self.buffer.replace(buffer);
        Ok(())
    }

    fn stop_receive(&self) -> Result<(), ErrorCode> {
        if !self.is_on() {
            return Err(ErrorCode::OFF);
        }
        if !self.is_receiving.get() {
            return Err(ErrorCode::FAIL);
        }
        self.stopping.admit()?;
        self.is_receiving.set(false);
        self.incoming.clear();
        self.stopping.start(());
        Ok(())
    }
}

impl<const PACKET_SIZE: usize> DeferredCallClient for Can<PACKET_SIZE> {
    fn handle_deferred_call(&self) {
        // What a callback starts, or stops, has its own turn.
        if let Some((switch, result)) = self.switching.end() {
            self.finish_switch(switch, result);
        } else if let Some((sending, result)) = self.sending.end() {
            self.finish_sending(sending, result);
        } else if self.stopping.end().is_some() {
            self.finish_stopping();
        } else if let Some((frame, status)) = self.incoming.next() {
            self.finish_receiving(frame, status);
        } else {
            return;
        }
        self.switching.look_again();
    }

    fn register(&'static self) {
        self.switching.register(self);
        self.sending.register(self);
        self.stopping.register(self);
        self.incoming.register(self);
    }
}
