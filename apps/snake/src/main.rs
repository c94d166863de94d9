//! A game: a snake that grows with what it eats, on the text screen. `run snake` on the screen's shell starts to play.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

mod game;
mod picture;

use capsa::keyboard::{self, Key};
use capsa::{Result, alarm, println, process, rng, tasks, text_screen};

use game::{Direction, Game, Step};
use picture::Picture;

capsa::app!(main, stack_bytes = 8192);

const ENTER: char = '\n';
const ESCAPE: char = '\x1b';

fn main() {
    if let Err(error) = keyboard::listen().and_then(|()| tasks::block_on(play())) {
        println!("{}: {error}", process::name());
        process::exit(1);
    }
}

/// What becomes of a game when a key was pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Turn(Direction),
    Pause,
    Again,
    Leave,
    Nothing,
}

impl From<Key> for Wish {
    fn from(key: Key) -> Self {
        match key {
            Key::Up | Key::Character('w') => Self::Turn(Direction::Up),
            Key::Down | Key::Character('s') => Self::Turn(Direction::Down),
            Key::Left | Key::Character('a') => Self::Turn(Direction::Left),
            Key::Right | Key::Character('d') => Self::Turn(Direction::Right),
            Key::Character('p' | ' ') => Self::Pause,
            Key::Character(ENTER) => Self::Again,
            Key::Character('q' | ESCAPE) => Self::Leave,
            _ => Self::Nothing,
        }
    }
}

/// Plays one game after the other.
async fn play() -> Result {
    let mut best = 0;
    loop {
        // Without random numbers the time will do.
        let seed = rng::number().or(alarm::now().map(|now| now as u32))?;
        let picture = Picture::new()?;
        let mut game = Game::new(picture.columns, picture.rows, seed);
        picture.draw(&game, best)?;
        let Some(end) = play_once(&mut game, &picture, best).await? else {
            return text_screen::clear();
        };
        best = best.max(game.score());
        picture.say(end)?;
        if wait_for(&[Wish::Again, Wish::Leave]).await == Wish::Leave {
            return text_screen::clear();
        }
    }
}

/// Plays until the game is over, and returns what to say of it; `None` if a person leaves it.
async fn play_once(game: &mut Game, picture: &Picture, best: u32) -> Result<Option<&'static str>> {
    let mut time = alarm::now()?;
    loop {
        time += alarm::ticks_of_ms(game.period_ms())?;
        while let Some(key) = alarm::timeout_at(time, keyboard::next_key()).await {
            match key.into() {
                Wish::Turn(direction) => game.turn(direction),
                Wish::Leave => return Ok(None),
                Wish::Pause => {
                    picture.say("Pause: space goes on")?;
                    if wait_for(&[Wish::Pause, Wish::Leave]).await == Wish::Leave {
                        return Ok(None);
                    }
                    picture.draw(game, best)?;
                    time = alarm::now()? + alarm::ticks_of_ms(game.period_ms())?;
                }
                Wish::Again | Wish::Nothing => {}
            }
        }
        let before = game.head();
        match game.step() {
            Step::Lost => return Ok(Some("Game over: Enter plays again, Escape leaves")),
            Step::Won => return Ok(Some("You have won! Enter plays again, Escape leaves")),
            step => picture.update(game, before, step, best)?,
        }
    }
}

/// Waits for a key that means one of these.
async fn wait_for(wishes: &[Wish]) -> Wish {
    loop {
        let wish = keyboard::next_key().await.into();
        if wishes.contains(&wish) {
            return wish;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    const UP: usize = 0x11_0013;

    fn key(character: char) -> usize {
        character as usize
    }

    #[test]
    fn a_game_can_be_lost_and_played_again_and_left() {
        let kernel = Kernel::new();
        kernel.press_at(100, UP);
        // By then the wall has come.
        kernel.press_at(5000, key(ENTER));
        kernel.press_at(5500, key(ESCAPE));
        assert_eq!(kernel.run(main), 0);
        assert!(kernel.now_ms() >= 5500);
        assert_eq!(kernel.screen(), "");
    }

    #[test]
    fn who_waits_sees_the_end_of_the_game() {
        let kernel = Kernel::new();
        kernel.run_until_idle(main);
        let screen = kernel.screen();
        assert!(screen.contains("Game over: Enter plays again"), "{screen}");
        assert!(screen.contains("score 0"), "{screen}");
    }

    #[test]
    fn a_pause_stands_still() {
        let kernel = Kernel::new();
        kernel.press_at(200, key('p'));
        kernel.run_until_idle(main);
        let screen = kernel.screen();
        assert!(screen.contains("Pause: space goes on"), "{screen}");
        assert!(
            kernel.now_ms() < 400,
            "nothing wakes it: {}",
            kernel.now_ms()
        );
    }
}
