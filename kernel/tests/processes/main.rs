//! Processes, through the system calls of apps that tests make: TRD 104 and its rules, one sentence each.

mod allow;
mod bench;
mod commands;
mod grants;
mod introspection;
mod life;
mod loading;
mod memop;
mod subscribe;
mod upcalls;
