//! The rules: where the snake is, what becomes of it, and where the food is. The same seed and the same turns make
//! the same game.

/// The longest snake. Who gets there has won.
pub const MAX_LEN: usize = 200;
const FIRST_LEN: usize = 4;
/// What it grows by with each meal.
const GROWTH: usize = 3;
/// Turns that are made ahead, one a step: so two keys pressed quickly are two turns.
const TURNS_AHEAD: usize = 2;

const SLOWEST_MS: u32 = 160;
const FASTEST_MS: u32 = 60;
/// How much quicker each meal makes it.
const QUICKER_MS: u32 = 4;

/// A square of the field, counted from the upper left corner.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Place {
    pub column: u8,
    pub row: u8,
}

/// Where the snake is heading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Up,
    Down,
    Left,
    Right,
}

impl Direction {
    fn is_opposite(self, other: Self) -> bool {
        use Direction::{Down, Left, Right, Up};
        matches!(
            (self, other),
            (Up, Down) | (Down, Up) | (Left, Right) | (Right, Left)
        )
    }
}

/// What a step has led to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The head is in a new place. The tail has left one, if the snake is not growing.
    Moved { left: Option<Place> },
    /// It has eaten, and there is new food.
    Ate,
    /// It is as long as a snake gets.
    Won,
    /// It has run into the wall, or into itself.
    Lost,
}

/// A game.
pub struct Game {
    columns: u8,
    rows: u8,
    /// A ring. The head is at `head`, and what follows it before that.
    body: [Place; MAX_LEN],
    head: usize,
    len: usize,
    growing: usize,
    heading: Direction,
    turns: [Option<Direction>; TURNS_AHEAD],
    food: Place,
    score: u32,
    random: u32,
}

impl Game {
    /// A game on a field of so many squares, of which the snake must have room for its first length.
    pub fn new(columns: u8, rows: u8, seed: u32) -> Self {
        let mut game = Self {
            columns,
            rows,
            body: [Place::default(); MAX_LEN],
            head: 0,
            len: 0,
            growing: 0,
            heading: Direction::Right,
            turns: [None; TURNS_AHEAD],
            food: Place::default(),
            score: 0,
            random: seed.max(1),
        };
        let row = rows / 2;
        let first = (columns / 2).saturating_sub(FIRST_LEN as u8);
        for column in first..first + FIRST_LEN as u8 {
            game.put_head(Place { column, row });
        }
        game.place_food();
        game
    }

    /// The snake, from its head to its tail.
    pub fn body(&self) -> impl Iterator<Item = Place> {
        let place = |index| {
            self.body
                .get((self.head + MAX_LEN - index) % MAX_LEN)
                .copied()
        };
        (0..self.len).filter_map(place)
    }

    pub fn head(&self) -> Place {
        self.body().next().unwrap_or_default()
    }

    pub fn food(&self) -> Place {
        self.food
    }

    pub fn score(&self) -> u32 {
        self.score
    }

    /// The time until the next step.
    pub fn period_ms(&self) -> u32 {
        SLOWEST_MS
            .saturating_sub(self.score * QUICKER_MS)
            .max(FASTEST_MS)
    }

    /// Turns with one of the next steps. A snake cannot turn back, nor think further ahead than two steps.
    pub fn turn(&mut self, direction: Direction) {
        let last = self
            .turns
            .iter()
            .rev()
            .find_map(|turn| *turn)
            .unwrap_or(self.heading);
        if last == direction || last.is_opposite(direction) {
            return;
        }
        if let Some(free) = self.turns.iter_mut().find(|turn| turn.is_none()) {
            *free = Some(direction);
        }
    }

    /// Goes on by one square.
    pub fn step(&mut self) -> Step {
        if let [Some(turn), next] = self.turns {
            self.heading = turn;
            self.turns = [next, None];
        }
        let Some(head) = self.ahead() else {
            return Step::Lost;
        };
        let left = if self.growing > 0 {
            None
        } else {
            self.take_tail()
        };
        if self.body().any(|place| place == head) {
            return Step::Lost;
        }
        self.growing = self.growing.saturating_sub(1);
        self.put_head(head);
        if head == self.food {
            return self.eat();
        }
        Step::Moved { left }
    }

    /// The square before the snake, if it is one.
    fn ahead(&self) -> Option<Place> {
        let Place { column, row } = self.head();
        let (column, row) = match self.heading {
            Direction::Up => (column, row.checked_sub(1)?),
            Direction::Down => (column, row + 1),
            Direction::Left => (column.checked_sub(1)?, row),
            Direction::Right => (column + 1, row),
        };
        (column < self.columns && row < self.rows).then_some(Place { column, row })
    }

    fn put_head(&mut self, head: Place) {
        self.head = (self.head + 1) % MAX_LEN;
        if let Some(place) = self.body.get_mut(self.head) {
            *place = head;
        }
        self.len += 1;
    }

    fn take_tail(&mut self) -> Option<Place> {
        let tail = self.body().last();
        self.len = self.len.saturating_sub(1);
        tail
    }

    fn eat(&mut self) -> Step {
        self.score += 1;
        self.growing += GROWTH;
        if self.len + self.growing > MAX_LEN {
            return Step::Won;
        }
        self.place_food();
        Step::Ate
    }

    /// Puts food where no snake is. The field is larger than a snake can be.
    fn place_food(&mut self) {
        loop {
            let square = self.random() % (u32::from(self.columns) * u32::from(self.rows));
            let food = Place {
                column: (square % u32::from(self.columns)) as u8,
                row: (square / u32::from(self.columns)) as u8,
            };
            if self.body().all(|place| place != food) {
                self.food = food;
                return;
            }
        }
    }

    /// A number that follows from the seed (xorshift32, Marsaglia 2003).
    fn random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random
    }
}

#[cfg(test)]
mod tests {
    use super::Direction::{Down, Left, Right, Up};
    use super::*;

    const COLUMNS: u8 = 39;
    const ROWS: u8 = 21;

    fn game(seed: u32) -> Game {
        Game::new(COLUMNS, ROWS, seed)
    }

    /// Goes to a place: first by rows, then by columns, around itself where it must.
    fn go_to(game: &mut Game, place: Place) -> Step {
        let (mut last, mut steps) = (Step::Lost, 0);
        while game.head() != place {
            let head = game.head();
            let wish = if head.row > place.row {
                Up
            } else if head.row < place.row {
                Down
            } else if head.column > place.column {
                Left
            } else {
                Right
            };
            // It cannot turn back: it goes around.
            if game.heading.is_opposite(wish) {
                let side = match wish {
                    Left | Right if head.row > 0 => Up,
                    Left | Right => Down,
                    Up | Down if head.column > 0 => Left,
                    Up | Down => Right,
                };
                game.turn(side);
            } else {
                game.turn(wish);
            }
            last = game.step();
            steps += 1;
            assert!(last != Step::Lost && steps < 200, "{head:?} to {place:?}");
        }
        last
    }

    #[test]
    fn it_moves_where_it_heads_and_keeps_its_length() {
        let mut game = game(1);
        let (head, tail) = (game.head(), game.body().last());
        assert_eq!(game.step(), Step::Moved { left: tail });
        assert_eq!(
            game.head(),
            Place {
                column: head.column + 1,
                ..head
            }
        );
        assert_eq!(game.body().count(), FIRST_LEN);
    }

    #[test]
    fn a_meal_is_a_point_three_squares_and_some_speed() {
        let mut game = game(7);
        let (food, period_ms) = (game.food(), game.period_ms());
        assert_eq!(go_to(&mut game, food), Step::Ate);
        assert_eq!(
            (game.score(), game.period_ms()),
            (1, period_ms - QUICKER_MS)
        );
        assert_ne!(game.food(), food);
        let away = if food.row < ROWS / 2 { Down } else { Up };
        game.turn(away);
        for _ in 0..GROWTH {
            assert_eq!(game.step(), Step::Moved { left: None });
        }
        assert_eq!(game.body().count(), FIRST_LEN + GROWTH);
        assert!(matches!(
            game.step(),
            Step::Moved { left: Some(_) } | Step::Ate
        ));
    }

    #[test]
    fn a_wall_ends_it() {
        for turns in [&[][..], &[Up], &[Down], &[Up, Left]] {
            let mut game = game(1);
            turns.iter().for_each(|turn| game.turn(*turn));
            let steps = (0..100).find(|_| game.step() == Step::Lost);
            assert!(
                steps.is_some_and(|steps| steps < usize::from(COLUMNS)),
                "{turns:?}"
            );
        }
    }

    #[test]
    fn it_may_not_bite_itself_but_may_follow_its_tail() {
        let mut game = game(1);
        for turn in [Up, Left, Down, Right, Up] {
            game.turn(turn);
            assert_ne!(game.step(), Step::Lost, "four squares make a circle");
        }
        game.growing = 4;
        for _ in 0..4 {
            game.step();
        }
        for turn in [Right, Down, Left] {
            game.turn(turn);
            if game.step() == Step::Lost {
                return;
            }
        }
        panic!("it has gone through itself");
    }

    #[test]
    fn it_does_not_turn_back_and_two_quick_turns_are_both_made() {
        let mut game = game(1);
        let head = game.head();
        game.turn(Left);
        game.turn(Up);
        game.turn(Down);
        game.turn(Left);
        game.step();
        game.step();
        let Place { column, row } = game.head();
        assert_eq!((column, row), (head.column - 1, head.row - 1));
    }

    #[test]
    fn the_same_seed_is_the_same_game() {
        let foods = |seed| {
            let mut game = game(seed);
            [(); 3].map(|()| {
                let food = game.food();
                game.place_food();
                food
            })
        };
        assert_eq!(foods(5), foods(5));
        assert_ne!(foods(5), foods(6));
    }

    #[test]
    fn the_longest_snake_wins_at_the_highest_speed() {
        let mut game = game(1);
        let mut meals = (1..).map(|meal| (meal, game.eat()));
        let (last, end) = meals.find(|(_, step)| *step != Step::Ate).unwrap();
        assert_eq!((last, end), ((MAX_LEN - FIRST_LEN) / GROWTH + 1, Step::Won));
        assert_eq!(game.period_ms(), FASTEST_MS);
    }
}
