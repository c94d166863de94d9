//! Lights that exist on a screen only.

use capsules_system::lamp::Lamp;
use kernel::hil::led::Led;

#[test]
fn a_lamp_is_lit_as_it_was_last_told() {
    let lamp = Lamp::new();
    lamp.init();
    assert!(!lamp.read());
    for (tell, is_lit) in [
        (Lamp::on as fn(&Lamp), true),
        (Lamp::on, true),
        (Lamp::toggle, false),
        (Lamp::toggle, true),
        (Lamp::off, false),
        (Lamp::off, false),
    ] {
        tell(&lamp);
        assert_eq!(lamp.read(), is_lit);
    }
}
