//! The solutions of the exercises, a module for each page.

pub mod async_and_await;
pub mod cooperation;
pub mod efficient_executor;
pub mod future;
pub mod keyboard;
pub mod no_heap;
pub mod simple_executor;
pub mod task_queue;
pub mod timer;
#[allow(unsafe_code)] // Makes a waker by hand.
pub mod waker;
pub mod without_std;
