//! Who has a terminal: its shell, or an app.
//!
//! A terminal is its shell's. `run APP` lends it to an app, until the app ends or a person presses Ctrl-C; then
//! the shell has it back as it was. Meanwhile
//!
//! - on the serial line the lines that are typed go to the app, by the console driver;
//! - on the screen keys go to the app, by the keyboard driver, and the app draws on a screen of the apps'
//!   own, which is shown in the place of the shell's.
//!
//! An app that has no terminal lent hears no key, and what it wants to draw waits until it has.

use core::{cell::Cell, future::Future, task::Poll};

use capsules_core::{Users, key_driver::KeyDriver, text_screen::TextScreen};
use kernel::{
    ProcessId,
    process::ProcessEndClient,
    task::{WakerCell, leaf},
};

/// How a terminal that is lent comes back, in words.
pub(super) const HOW_IT_COMES_BACK: &str = "Ctrl-C takes the terminal back";

/// What an app uses a screen and its keyboard with.
pub struct AppScreen<'a> {
    /// Keys, for apps.
    pub keys: &'a KeyDriver,
    /// The apps' screen.
    pub screen: &'a TextScreen<'a>,
    /// Shows the apps' screen in the place of the shell's, or the other way round.
    pub exchange: &'a dyn Fn(),
}

/// Who has a terminal. The board makes it one that is told when processes end.
pub struct Foreground<'a> {
    app: Cell<Option<ProcessId>>,
    screen: Option<AppScreen<'a>>,
    shell: WakerCell,
}

impl<'a> Foreground<'a> {
    /// The shell has the terminal, and its screen and keyboard if there are some.
    pub fn new(screen: Option<AppScreen<'a>>) -> Self {
        let foreground = Self {
            app: Cell::new(None),
            screen,
            shell: WakerCell::new(),
        };
        foreground.set_users(Users::None);
        foreground
    }

    /// The app that has the terminal, if one has.
    pub(super) fn app(&self) -> Option<ProcessId> {
        self.app.get()
    }

    /// Whether an app that has the terminal has its screen and keyboard.
    pub(super) fn has_screen(&self) -> bool {
        self.screen.is_some()
    }

    /// Lends the terminal, which is the shell's, to an app.
    pub(super) fn lend(&self, app: ProcessId) {
        self.app.set(Some(app));
        self.exchange(Users::One(app));
    }

    /// Gives the terminal back to the shell.
    pub(super) fn take_back(&self) {
        if self.app.take().is_some() {
            self.exchange(Users::None);
            self.shell.wake();
        }
    }

    /// Waits until no app has the terminal.
    ///
    /// # Cancellation
    /// Nothing is lost.
    #[track_caller]
    pub(super) fn returned(&self) -> impl Future<Output = ()> {
        leaf(|context| {
            if self.app.get().is_none() {
                return Poll::Ready(());
            }
            self.shell.register(context);
            Poll::Pending
        })
    }

    fn exchange(&self, users: Users) {
        if let Some(screen) = &self.screen {
            (screen.exchange)();
        }
        self.set_users(users);
    }

    fn set_users(&self, users: Users) {
        if let Some(AppScreen { keys, screen, .. }) = &self.screen {
            keys.set_users(users);
            screen.set_users(users);
        }
    }
}

impl ProcessEndClient for Foreground<'_> {
    fn process_ended(&self, process_id: ProcessId) {
        if self.app.get() == Some(process_id) {
            self.take_back();
        }
    }
}
