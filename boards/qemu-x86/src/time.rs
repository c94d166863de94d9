//! Time: everything that waits for a moment has an alarm of its own on the one clock.

use capsules_core::{AlarmDeadlines, AlarmMux, Clock, SliceTimer, VirtualAlarm};
use chip_pc::clock;
use kernel::{
    boot::BootArena, collections::DeadlineNode, debug, hil::time::Alarm, process::MAX_PROCESSES,
    utilities::cells::OptionalCell,
};

/// An alarm of one's own.
pub type TaskAlarm = VirtualAlarm<'static, clock::Clock<'static>>;

/// Alarms that there are: for the clocks of tasks, for two drivers, and for the turns of processes.
const ALARMS: usize = 16;

/// Makes alarms.
pub struct Time {
    boot: &'static BootArena,
    alarms: &'static AlarmMux<'static, clock::Clock<'static>>,
}

impl Time {
    /// Takes the clock's alarm, and tells the log the time by it.
    pub fn new(boot: &'static BootArena, timer: &'static clock::Clock<'static>) -> Self {
        let alarms = boot.place(AlarmMux::new(
            timer,
            boot.slice(ALARMS, |_| DeadlineNode::new()),
            boot.slice(ALARMS, |_| OptionalCell::empty()),
        ));
        timer.set_alarm_client(alarms);
        debug::set_clock(timer);
        Self { boot, alarms }
    }

    /// A clock for a task.
    pub fn clock(&self) -> &'static Clock<'static> {
        let alarm = self.alarm();
        let clock = &*self.boot.place(Clock::new(alarm));
        alarm.set_alarm_client(clock);
        clock
    }

    /// A deadline for each process.
    pub fn deadlines(&self) -> &'static AlarmDeadlines<'static, TaskAlarm> {
        let alarm = self.alarm();
        let nodes = self.boot.slice(MAX_PROCESSES, |_| DeadlineNode::new());
        let deadlines = &*self.boot.place(AlarmDeadlines::new(alarm, nodes));
        alarm.set_alarm_client(deadlines);
        deadlines
    }

    /// The timer that ends the turns of processes.
    pub fn slice_timer(&self) -> &'static SliceTimer<'static, TaskAlarm> {
        let alarm = self.alarm();
        let timer = &*self.boot.place(SliceTimer::new(alarm));
        alarm.set_alarm_client(timer);
        timer
    }

    fn alarm(&self) -> &'static TaskAlarm {
        let alarm = self.alarms.alarm();
        self.boot.place(alarm.expect("ALARMS counts every alarm"))
    }
}
