//! Whatever happens, the kernel keeps its promises. The fuzzer uses the world of this test, too.

mod world;

use proptest::{array::uniform8, collection::vec, prelude::*};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_happens_the_kernel_keeps_its_promises(steps in vec(uniform8(any::<u8>()), 0..300)) {
        world::run(&steps);
    }
}
