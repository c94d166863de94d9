//! The loop: reads a line, runs its command, and shows in between what is new: the log, and what apps write.

use core::{
    cell::Cell,
    convert::Infallible,
    future::{Future, pending, poll_fn},
    pin::pin,
    task::Poll,
};

use capsules_core::{Clock, Key, Keys, Output, console::Console};
use futures_util::future::{Either, select};
use heapless::String;
use kernel::ProcessId;

use super::{
    Foreground, Machine, candidates::Candidates, commands, foreground::HOW_IT_COMES_BACK,
    news::News,
};
use crate::line::{Completion, Event, History, LINE_BYTES, LineEditor};

/// What a person is asked with.
const PROMPT: &str = "odyssey> ";

/// The same for a line that is for an app.
const APP_PROMPT: &str = "> ";

/// What lets a stopped shell go on.
const CONSOLE_START: &str = "console-start";

/// Room for what the editor draws for one key: at most the whole line with its control sequences, each
/// character of four bytes.
const DRAWING_BYTES: usize = 512;

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
    /// Who has the terminal: the shell, or an app.
    pub foreground: &'a Foreground<'a>,
}

struct Shell<'a> {
    terminal: Terminal<'a>,
    machine: &'a Machine<'a>,
    editor: LineEditor,
    history: History,
    news: News<'a>,
    is_stopped: Cell<bool>,
    /// The app that the line is for which a person is asked for; `None`: it is a command.
    line_for: Option<ProcessId>,
}

/// Runs a shell on `terminal` for ever.
pub async fn run<'a>(terminal: Terminal<'a>, machine: &'a Machine<'a>) -> Infallible {
    let news = News::new(terminal.console);
    let mut shell = Shell {
        terminal,
        machine,
        editor: LineEditor::new(PROMPT),
        history: History::new(),
        news,
        is_stopped: Cell::new(false),
        line_for: None,
    };
    shell.greet().await;
    loop {
        let foreground = shell.terminal.foreground;
        if foreground.has_screen() && foreground.app().is_some() {
            shell.stand_by().await;
        }
        shell.read_line().await;
        shell.execute().await;
        shell.editor.clear();
        if shell.is_stopped.get() {
            shell.wait_for_start().await;
        }
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

    /// Leaves screen and keyboard to an app.
    async fn stand_by(&self) {
        let Terminal {
            keys, foreground, ..
        } = &self.terminal;
        let interrupt = async { while keys.next().await.key != Some(Key::Control('c')) {} };
        select(pin!(interrupt), pin!(foreground.returned())).await;
        foreground.take_back();
    }

    /// Ignores what is typed until it is a line that says [`CONSOLE_START`]. What is new is still shown.
    async fn wait_for_start(&mut self) {
        let mut drawing = String::<DRAWING_BYTES>::new();
        while self.is_stopped.get() {
            match self.next().await {
                Input::News => {
                    self.news
                        .show(self.terminal.output, self.terminal.clock)
                        .await
                }
                Input::Return => {}
                Input::Key(key) => {
                    // Nothing of what this draws is shown.
                    drawing.clear();
                    let event = self.editor.handle(key, &mut self.history, &mut drawing);
                    if event == Event::Submitted {
                        self.is_stopped
                            .set(self.editor.text().trim() != CONSOLE_START);
                    }
                    if matches!(event, Event::Submitted | Event::Interrupted) {
                        self.editor.clear();
                    }
                }
            }
        }
    }

    /// Lets a person edit a line until it is entered.
    async fn read_line(&mut self) {
        self.set_prompt();
        self.draw(LineEditor::draw).await;
        let mut tabs = 0;
        loop {
            match self.next().await {
                Input::News => self.show_news().await,
                Input::Return => {
                    self.draw(LineEditor::erase).await;
                    self.start_again().await;
                }
                Input::Key(key) => {
                    tabs = if key == Key::Tab { tabs + 1 } else { 0 };
                    match self.edit(key).await {
                        Event::Submitted => return,
                        Event::Interrupted => {
                            self.terminal.foreground.take_back();
                            self.start_again().await;
                        }
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
        let Self {
            terminal,
            news,
            line_for,
            ..
        } = self;
        let key = async {
            loop {
                if let Some(key) = terminal.keys.next().await.key {
                    return key;
                }
            }
        };
        // Said as long as the prompt is the app's: meanwhile the app may have ended, while something was shown.
        let returned = async {
            match line_for {
                Some(_) => terminal.foreground.returned().await,
                None => pending().await,
            }
        };
        let (key, news) = (pin!(key), pin!(news.wait(terminal.clock)));
        match select(key, select(news, pin!(returned))).await {
            Either::Left((key, _)) => Input::Key(key),
            Either::Right((Either::Left(_), _)) => Input::News,
            Either::Right((Either::Right(_), _)) => Input::Return,
        }
    }

    /// Asks for what the line is for: a command, or an app that has the terminal.
    fn set_prompt(&mut self) {
        self.line_for = self.terminal.foreground.app();
        self.editor.set_prompt(match self.line_for {
            Some(_) => APP_PROMPT,
            None => PROMPT,
        });
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
        self.set_prompt();
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
        let text = match self.terminal.foreground.app() {
            Some(_) => HOW_IT_COMES_BACK,
            None => "There is nothing above this shell: `shutdown` switches off.",
        };
        self.terminal.output.print(format_args!("\n{text}\n")).await;
        self.draw(LineEditor::draw).await;
    }

    /// Completes the name before the cursor: of a command, or of an app where a command wants one. Lists the names
    /// that fit if asked again.
    async fn complete(&mut self, list: bool) {
        let typed = &self.editor.text()[..self.editor.cursor()];
        let typed: String<LINE_BYTES> = typed.try_into().unwrap_or_default();
        let candidates = Candidates::of(typed.trim_start(), self.machine.kernel.processes());
        let candidates = candidates.filter(|_| self.line_for.is_none());
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

    /// Runs the command on the line, or gives the line to the app that it is for, until that is done or a person
    /// presses Ctrl-C. What is new is shown meanwhile.
    async fn execute(&mut self) {
        let Self {
            terminal,
            machine,
            editor,
            history,
            news,
            is_stopped,
            line_for,
        } = self;
        let context = commands::Context {
            terminal,
            machine,
            history,
            is_stopped,
        };
        let output = terminal.output;
        let command = async {
            match *line_for {
                Some(app) => hand_over(terminal, app, editor.text()).await,
                None => run_command(&context, editor.text().trim()).await,
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
            terminal.foreground.take_back();
        }
        if !output.is_at_line_start() {
            output.print(format_args!("\n")).await;
        }
    }
}

enum Input {
    Key(Key),
    News,
    /// The app that had the terminal has ended.
    Return,
}

async fn run_command(context: &commands::Context<'_, '_>, line: &str) {
    let (name, arguments) = line.split_once(' ').unwrap_or((line, ""));
    if !name.is_empty() && !commands::run(context, name, arguments.trim()).await {
        commands::unknown(context, name).await;
    }
}

/// Gives a line to an app, as fast as it reads.
async fn hand_over(terminal: &Terminal<'_>, app: ProcessId, line: &str) {
    let Some(console) = terminal.console else {
        return;
    };
    for mut rest in [line.as_bytes(), b"\n"] {
        while !rest.is_empty() {
            let reader = pin!(console.wait_for_reader(app));
            let returned = pin!(terminal.foreground.returned());
            if let Either::Right(_) = select(reader, returned).await {
                return;
            }
            rest = &rest[console.deliver(app, rest)..];
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
