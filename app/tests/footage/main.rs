//! Film and evidence, held against recordings whose every frame is known.

mod evidence;
mod film;
mod players;
mod support;
