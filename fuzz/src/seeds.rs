//! Writes the seeds of a target as files, for libFuzzer to start from: `seeds TARGET DIRECTORY`.

use std::{env, error::Error, fs, path::Path};

use fuzz::TARGETS;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(name), Some(directory)) = (arguments.next(), arguments.next()) else {
        return Err("usage: seeds TARGET DIRECTORY".into());
    };
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        let names = TARGETS.map(|target| target.name).join(", ");
        return Err(format!("there is no target {name}; there are {names}").into());
    };
    fs::create_dir_all(&directory)?;
    for (number, seed) in (target.seeds)().iter().enumerate() {
        fs::write(Path::new(&directory).join(format!("seed-{number}")), seed)?;
    }
    Ok(())
}
