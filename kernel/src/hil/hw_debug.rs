//! What processors have for finding out what they do.

/// Counts the processor's cycles.
pub trait CycleCounter {
    /// Starts counting. A count that was never reset may start anywhere.
    fn start(&self);

    /// Stops counting.
    fn stop(&self);

    /// The cycles counted so far.
    fn count(&self) -> u64;

    /// Stops counting, and makes the count 0.
    fn reset(&self);

    /// Calls `f` and returns how many cycles it took.
    fn profile_closure<F: FnOnce()>(&self, f: F) -> u64 {
        self.reset();
        self.start();
        f();
        self.stop();
        self.count()
    }
}
