//! The loop: reads a line, runs its command, and shows in between what is new: the log, and what apps write.

use core::{
    convert::Infallible,
    future::{Future, pending, poll_fn},
    pin::pin,
    task::Poll,
};

use capsules_core::{Clock, Key, Keys, Output, console::Console};
use futures_util::future::{Either, select};
use heapless::String;
use kernel::{debug::LogReader, process::ProcessTable};

use super::{
    Machine,
    app_lines::AppLines,
    commands::{self, AppName, app_name},
};
use crate::line::{Completion, Event, History, LINE_BYTES, LineEditor};

/// What a person is asked with.
const PROMPT: &str = "odyssey> ";

/// Room for what the editor draws for one key: at most the whole line with its control sequences, each
/// character of four bytes.
const DRAWING_BYTES: usize = 512;

/// The longest line of the log that is shown.
pub(super) const LOG_LINE_BYTES: usize = 160;

/// Where a shell lives.
pub struct Terminal<'a> {
    /// What people call it.
    pub name: &'a str,
    /// What a person types.
    pub keys: &'a dyn Keys,
    /// What a person reads.
    pub output: &'a Output<'a>,
    /// The shell's own clock.
    pub clock: &'a Clock<'a>,
    /// What apps write, if it is shown here. Of several terminals one can.
    pub console: Option<&'a Console>,
}

struct Shell<'a> {
    terminal: Terminal<'a>,
    machine: &'a Machine<'a>,
    editor: LineEditor,
    history: History,
    news: News<'a>,
}

/// What a shell shows although nobody asked for it.
struct News<'a> {
    log: Option<LogReader>,
    apps: Option<AppLines<'a>>,
}

/// Runs a shell on `terminal` for ever.
pub async fn run<'a>(terminal: Terminal<'a>, machine: &'a Machine<'a>) -> Infallible {
    let news = News {
        // A board with more shells than log readers has shells that do not show the log.
        log: LogReader::new().ok(),
        apps: terminal.console.map(AppLines::new),
    };
    let mut shell = Shell {
        terminal,
        machine,
        editor: LineEditor::new(PROMPT),
        history: History::new(),
        news,
    };
    shell.greet().await;
    loop {
        shell.read_line().await;
        shell.execute().await;
        shell.editor.clear();
    }
}

impl Shell<'_> {
    async fn greet(&self) {
        let Self {
            machine, terminal, ..
        } = self;
        let text = format_args!(
            "{} on the {}. Try `help`.\n",
            machine.version, terminal.name
        );
        terminal.output.print(text).await;
    }

    /// Lets a person edit a line until it is entered.
    async fn read_line(&mut self) {
        self.draw(LineEditor::draw).await;
        let mut tabs = 0;
        loop {
            match self.next().await {
                Input::News => self.show_news().await,
                Input::Key(key) => {
                    tabs = if key == Key::Tab { tabs + 1 } else { 0 };
                    match self.edit(key).await {
                        Event::Submitted => return,
                        Event::Interrupted => self.start_again().await,
                        Event::ClearScreen => self.clear_screen().await,
                        Event::Complete => self.complete(tabs > 1).await,
                        Event::EndOfInput => self.say_how_to_leave().await,
                        Event::Edited => {}
                    }
                }
            }
        }
    }

    async fn next(&mut self) -> Input {
        let Self { terminal, news, .. } = self;
        let key = async {
            loop {
                if let Some(key) = terminal.keys.next().await.key {
                    return key;
                }
            }
        };
        match select(pin!(key), pin!(news.wait(terminal.clock))).await {
            Either::Left((key, _)) => Input::Key(key),
            Either::Right(_) => Input::News,
        }
    }

    async fn edit(&mut self, key: Key) -> Event {
        let mut drawing = String::<DRAWING_BYTES>::new();
        let event = self.editor.handle(key, &mut self.history, &mut drawing);
        self.terminal.output.print(format_args!("{drawing}")).await;
        event
    }

    /// Shows what a method of the editor draws.
    async fn draw(&mut self, draw: impl FnOnce(&mut LineEditor, &mut String<DRAWING_BYTES>)) {
        let mut drawing = String::new();
        draw(&mut self.editor, &mut drawing);
        self.terminal.output.print(format_args!("{drawing}")).await;
    }

    /// Takes the line away, shows what is new, and puts the line back.
    async fn show_news(&mut self) {
        self.draw(LineEditor::erase).await;
        let Terminal { output, clock, .. } = self.terminal;
        self.news.show(output, clock).await;
        self.draw(LineEditor::draw).await;
    }

    async fn start_again(&mut self) {
        self.editor.clear();
        self.draw(LineEditor::draw).await;
    }

    async fn clear_screen(&mut self) {
        self.terminal
            .output
            .print(format_args!("{}", commands::CLEAR))
            .await;
        self.draw(LineEditor::draw).await;
    }

    async fn say_how_to_leave(&mut self) {
        let text = format_args!("\nThere is nothing above this shell: `shutdown` switches off.\n");
        self.terminal.output.print(text).await;
        self.draw(LineEditor::draw).await;
    }

    /// Completes the name of a command, or of an app where a command wants one; lists the names that fit if
    /// asked again.
    async fn complete(&mut self, list: bool) {
        let typed: String<LINE_BYTES> = self.editor.text().try_into().unwrap_or_default();
        let candidates = Candidates::of(typed.trim_start(), self.machine.kernel.processes());
        let Some((word, candidates)) = candidates else {
            return;
        };
        let mut completion = Completion::new(word);
        let mut place = 0;
        while let Some(name) = candidates.next(&mut place) {
            completion.offer(&name);
        }
        if list && completion.matches() > 1 {
            self.list(word, &candidates).await;
            return self.draw(LineEditor::draw).await;
        }
        let mut drawing = String::<DRAWING_BYTES>::new();
        self.editor
            .insert_str(completion.continuation(), &mut drawing);
        if completion.matches() == 1 {
            self.editor.insert_str(" ", &mut drawing);
        }
        self.terminal.output.print(format_args!("{drawing}")).await;
    }

    async fn list(&self, word: &str, candidates: &Candidates) {
        let output = self.terminal.output;
        output.print(format_args!("\n")).await;
        let mut place = 0;
        while let Some(name) = candidates.next(&mut place) {
            if name.starts_with(word) {
                output.print(format_args!("{name}  ")).await;
            }
        }
        output.print(format_args!("\n")).await;
    }

    /// Runs the command on the line, until it ends or a person presses Ctrl-C. What is new is shown
    /// meanwhile.
    async fn execute(&mut self) {
        let Self {
            terminal,
            machine,
            editor,
            history,
            news,
        } = self;
        let context = commands::Context {
            terminal,
            machine,
            history,
        };
        let line = editor.text().trim();
        let (name, arguments) = line.split_once(' ').unwrap_or((line, ""));
        if name.is_empty() {
            return;
        }
        let output = terminal.output;
        let command = async {
            if !commands::run(&context, name, arguments.trim()).await {
                commands::unknown(&context, name).await;
            }
        };
        let news = async {
            loop {
                news.wait(terminal.clock).await;
                line_start(output).await;
                news.show(output, terminal.clock).await;
            }
        };
        let (command, news) = (pin!(command), pin!(news));
        let interrupt = pin!(terminal.keys.interrupt());
        if let Either::Right(_) = select(select(command, news), interrupt).await {
            output.print(format_args!("^C")).await;
        }
        if !output.is_at_line_start() {
            output.print(format_args!("\n")).await;
        }
    }
}

enum Input {
    Key(Key),
    News,
}

/// The names that a word may be completed to.
enum Candidates {
    Commands,
    Apps(&'static ProcessTable),
}

impl Candidates {
    /// What the last word of `line` may become, and that word; `None` if nothing is known of it.
    fn of<'l>(line: &'l str, apps: &'static ProcessTable) -> Option<(&'l str, Self)> {
        let Some((command, word)) = line.split_once(' ') else {
            return Some((line, Self::Commands));
        };
        let candidates = match commands::row(command)?.arguments {
            "APP" => Self::Apps(apps),
            "[COMMAND]" => Self::Commands,
            _ => return None,
        };
        Some((word.trim_start(), candidates))
    }

    /// The name at `place` or the next one there is after it. Moves `place` on.
    fn next(&self, place: &mut usize) -> Option<AppName> {
        match self {
            Self::Commands => {
                let row = commands::rows().nth(*place)?;
                *place += 1;
                row.name.try_into().ok()
            }
            Self::Apps(table) => loop {
                if *place >= table.capacity() {
                    return None;
                }
                let name = table.with_slot(*place, |process| app_name(process.get_process_name()));
                *place += 1;
                if name.is_some() {
                    return name;
                }
            },
        }
    }
}

impl News<'_> {
    /// Waits until there is something to show; for ever if there never will be.
    async fn wait(&mut self, clock: &Clock<'_>) {
        let log = async {
            match &self.log {
                Some(log) => log.wait().await,
                None => pending().await,
            }
        };
        let apps = async {
            match &mut self.apps {
                Some(apps) => apps.wait(clock).await,
                None => pending().await,
            }
        };
        select(pin!(log), pin!(apps)).await;
    }

    async fn show(&mut self, output: &Output<'_>, clock: &Clock<'_>) {
        if let Some(log) = &mut self.log {
            print_log(log, output).await;
        }
        if let Some(apps) = &mut self.apps {
            apps.show(output, clock).await;
        }
    }
}

/// Waits until the command has ended its line. It does so while this task is polled, so nobody has to wake
/// the task.
fn line_start(output: &Output<'_>) -> impl Future<Output = ()> {
    poll_fn(|_| match output.is_at_line_start() {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
}

async fn print_log(log: &mut LogReader, output: &Output<'_>) {
    let mut line = [0; LOG_LINE_BYTES];
    while let Some((text, missed_bytes)) = log.next_line(&mut line) {
        if missed_bytes > 0 {
            output
                .print(format_args!("({missed_bytes} bytes of log were missed)\n"))
                .await;
        }
        output.print(format_args!("{text}\n")).await;
    }
}
