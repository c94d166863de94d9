//! The figures that the design wants reached.

/// What a figure is compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// The figure itself may be this much.
    AtMost(u64),
    /// It may differ by a tenth from the figure of this name, which was measured with fewer things.
    Near(&'static str),
}

/// The design's table, by the names that the benchmarks print.
pub const TARGETS: [(&str, Target); 9] = [
    ("command_existing", Target::AtMost(100)),
    ("command_existing_1000", Target::Near("command_existing")),
    ("ipc_round_trip", Target::AtMost(1_000)),
    ("task_wake_poll", Target::AtMost(90)),
    ("task_wake_poll_1000", Target::Near("task_wake_poll")),
    ("alarm_set_fire_10", Target::AtMost(350)),
    ("alarm_set_fire_1000", Target::AtMost(450)),
    ("boot_to_prompt", Target::AtMost(1_000_000)),
    ("kernel_text_bytes", Target::AtMost(96 * 1024)),
];

impl Target {
    /// The target of the figure `name`, where the design has one.
    pub fn of(name: &str) -> Option<Self> {
        TARGETS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, target)| *target)
    }

    /// Whether `value` reaches it; `figure` finds other figures by their names.
    pub fn is_met(self, value: u64, figure: impl Fn(&str) -> Option<u64>) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::Near(name) => {
                figure(name).is_some_and(|other| value.abs_diff(other) * 10 <= other)
            }
        }
    }

    /// As a table shows it.
    pub fn describe(self) -> String {
        match self {
            Self::AtMost(limit) => format!("<= {limit}"),
            Self::Near(name) => format!("{name} +-10 %"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_may_be_reached_but_not_passed() {
        let target = Target::of("command_existing").unwrap();
        assert!(target.is_met(100, |_| None));
        assert!(!target.is_met(101, |_| None));
    }

    #[test]
    fn near_is_within_a_tenth_on_both_sides() {
        let target = Target::of("task_wake_poll_1000").unwrap();
        let is_met = |value| target.is_met(value, |name| (name == "task_wake_poll").then_some(100));
        assert!(is_met(90) && is_met(110));
        assert!(!is_met(89) && !is_met(111));
        assert!(
            !target.is_met(100, |_| None),
            "there is nothing to compare with"
        );
    }

    #[test]
    fn a_figure_outside_the_design_has_no_target() {
        assert_eq!(Target::of("kernel_bss_bytes"), None);
    }
}
