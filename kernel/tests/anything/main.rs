//! Whatever happens, the kernel keeps its promises.

mod world;

use proptest::{array::uniform8, collection::vec, prelude::*};

proptest! {
    #[test]
    fn whatever_happens_the_kernel_keeps_its_promises(steps in vec(uniform8(any::<u8>()), 0..200)) {
        world::run(&steps);
    }
}
