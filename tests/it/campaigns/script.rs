//! What receivers say to which call: failures at fixed places, and the one call at which
//! something else is to happen.

use std::sync::{Mutex, MutexGuard};

use tokio::sync::Semaphore;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is taken and answered.
    Takes,
    /// Nothing is done with it, and that is said.
    Fails,
    /// It is taken; the connection closes without an answer.
    Loses,
    /// Somebody waits for this call: see [`Point`].
    Marked(Point),
}

/// How far a marked call gets before its caller dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// It has arrived, and nothing was done with it.
    Arrived,
    /// It was taken and is not answered.
    Taken,
    /// It was answered.
    Answered,
}

/// Shared by all receivers of a story, which count their calls together.
pub struct Script {
    state: Mutex<State>,
    reached: Semaphore,
}

#[derive(Default)]
struct State {
    calls: u64,
    mark: Option<(u64, Point)>,
}

impl Script {
    pub fn new() -> Self {
        Self { state: Mutex::default(), reached: Semaphore::new(0) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the script")
    }

    /// Marks a call: the first after `more` others.
    pub fn mark(&self, more: u64, point: Point) {
        let mut state = self.state();
        state.mark = Some((state.calls + more + 1, point));
    }

    /// Waits until the marked call came as far as it should.
    pub async fn marked(&self) {
        self.reached.acquire().await.expect("it is open").forget();
    }

    pub(super) fn reach(&self) {
        self.reached.add_permits(1);
    }

    /// The next call. One that was seen before is never failed again, and failures stand far
    /// enough apart for no circuit to open.
    pub(super) fn next(&self, is_new: bool) -> Reply {
        let mut state = self.state();
        state.calls += 1;
        let number = state.calls;
        if let Some((_, point)) = state.mark.take_if(|(at, _)| *at == number) {
            return Reply::Marked(point);
        }
        match number {
            number if is_new && number % 13 == 3 => Reply::Fails,
            number if is_new && number % 17 == 5 => Reply::Loses,
            _ => Reply::Takes,
        }
    }
}
