//! Whatever happens, the kernel keeps its promises.

mod world;

use proptest::{array::uniform8, collection::vec, prelude::*};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn whatever_happens_the_kernel_keeps_its_promises(steps in vec(uniform8(any::<u8>()), 0..300)) {
        world::run(&steps);
    }
}
