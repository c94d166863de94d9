//! Writes the seeds of all targets as files, for libFuzzer to start from: `seeds DIRECTORY`.

use std::{env, error::Error, fs, path::Path};

use fuzz::TARGETS;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = env::args().nth(1).ok_or("usage: seeds DIRECTORY")?;
    for target in &TARGETS {
        let directory = Path::new(&directory).join(target.name);
        fs::create_dir_all(&directory)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            fs::write(directory.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
