//! Cyclic redundancy checks.

use std::cell::{Cell, RefCell};

use ::crc::{CRC_16_MCRF4XX, CRC_32_ISCSI, CRC_32_ISO_HDLC};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::crc::{self, Client, CrcAlgorithm, CrcOutput},
    utilities::{cells::OptionalCell, leasable_buffer::SubSliceMut},
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Buffer = SubSliceMut<'static, u8>;

/// A unit that has all checks; each begins with all ones. It adds all that it is given at a time, and starts anew
/// after each sum.
pub struct Crc {
    algorithm: Cell<Option<CrcAlgorithm>>,
    data: RefCell<Vec<u8>>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn Client>,
}

enum Request {
    Add(Buffer),
    Compute(CrcAlgorithm),
}

impl Crc {
    /// A unit for which no check was chosen.
    pub fn new() -> &'static Self {
        place(Self {
            algorithm: Cell::new(None),
            data: RefCell::default(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// The check that operations are for, if one may start.
    fn admit(&self) -> Result<CrcAlgorithm, ErrorCode> {
        self.operation.admit()?;
        self.algorithm.get().ok_or(ErrorCode::RESERVE)
    }
}

fn sum(algorithm: CrcAlgorithm, data: &[u8]) -> CrcOutput {
    let sum_32 = |of| ::crc::Crc::<u32>::new(of).checksum(data);
    match algorithm {
        CrcAlgorithm::Crc32 => CrcOutput::Crc32(sum_32(&CRC_32_ISO_HDLC)),
        CrcAlgorithm::Crc32C => CrcOutput::Crc32C(sum_32(&CRC_32_ISCSI)),
        CrcAlgorithm::Crc16CCITT => {
            CrcOutput::Crc16CCITT(::crc::Crc::<u16>::new(&CRC_16_MCRF4XX).checksum(data))
        }
    }
}

faults!(Crc);

impl crc::Crc<'static> for Crc {
    fn set_client(&self, client: &'static dyn Client) {
        self.client.set(client);
    }

    fn algorithm_supported(&self, _: CrcAlgorithm) -> bool {
        true
    }

    fn set_algorithm(&self, algorithm: CrcAlgorithm) -> Result<(), ErrorCode> {
        self.operation.ensure_idle()?;
        self.algorithm.set(Some(algorithm));
        self.data.take();
        Ok(())
    }

    fn input(&self, data: Buffer) -> Result<(), (ErrorCode, Buffer)> {
        match self.admit() {
            Ok(_) => self.operation.start(Request::Add(data)),
            Err(error) => return Err((error, data)),
        }
        Ok(())
    }

    fn compute(&self) -> Result<(), ErrorCode> {
        let algorithm = self.admit()?;
        self.operation.start(Request::Compute(algorithm));
        Ok(())
    }

    fn disable(&self) {}
}

impl DeferredCallClient for Crc {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        // A buffer that nobody hears of is lost, as on any chip.
        let Some(client) = self.client.get() else {
            return;
        };
        match request {
            Request::Add(mut data) => {
                if result.is_ok() {
                    self.data.borrow_mut().extend(data.as_slice());
                    data.slice(data.len()..);
                }
                client.input_done(result, data);
            }
            Request::Compute(algorithm) => {
                let data = self.data.take();
                client.crc_done(result.map(|()| sum(algorithm, &data)));
            }
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::crc::Crc as _;

    #[derive(Default)]
    struct Sums {
        left: Cell<Option<usize>>,
        sum: Cell<Option<Result<CrcOutput, ErrorCode>>>,
    }

    impl Client for Sums {
        fn input_done(&self, result: Result<(), ErrorCode>, buffer: Buffer) {
            self.left.set(result.ok().map(|()| buffer.len()));
        }

        fn crc_done(&self, result: Result<CrcOutput, ErrorCode>) {
            self.sum.set(Some(result));
        }
    }

    fn unit() -> (Machine, &'static Crc, &'static Sums) {
        let (unit, sums) = (Crc::new(), &*leak(Sums::default()));
        unit.set_client(sums);
        (Machine::new(), unit, sums)
    }

    #[test]
    fn the_sum_of_pieces_is_that_of_the_whole() {
        let (machine, unit, sums) = unit();
        for (algorithm, expected) in [
            (CrcAlgorithm::Crc32, 0xcbf4_3926),
            (CrcAlgorithm::Crc32C, 0xe306_9283),
            (CrcAlgorithm::Crc16CCITT, 0x6f91),
        ] {
            unit.set_algorithm(algorithm).unwrap();
            // Twice, since a sum starts anew.
            for _ in 0..2 {
                for piece in ["1234", "56789"] {
                    let data = SubSliceMut::new(piece.as_bytes().to_vec().leak());
                    assert!(unit.input(data).is_ok());
                    assert_eq!(unit.compute(), Err(ErrorCode::BUSY));
                    machine.run();
                    assert_eq!(sums.left.take(), Some(0));
                }
                assert_eq!(unit.compute(), Ok(()));
                machine.run();
                let sum = match sums.sum.take() {
                    Some(Ok(CrcOutput::Crc32(sum) | CrcOutput::Crc32C(sum))) => sum,
                    Some(Ok(CrcOutput::Crc16CCITT(sum))) => sum.into(),
                    _ => panic!("there is no sum"),
                };
                assert_eq!(sum, expected);
            }
        }
    }

    #[test]
    fn a_check_is_chosen_first() {
        let (machine, unit, sums) = unit();
        assert_eq!(unit.compute(), Err(ErrorCode::RESERVE));
        machine.run();
        assert!(sums.sum.take().is_none());
    }
}
