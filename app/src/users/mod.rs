//! People who sign in: who they are, what they may do, and how they prove it.

mod codes;
pub mod model;
pub mod pages;
mod password;
mod passwords;
mod people;
mod policy;
mod roles;
mod second_factor;
mod sessions;
mod sign_in;
pub(crate) mod throttle;
mod tokens;

pub use codes::{Enrolment, recovery_codes_left};
pub use password::{hash_password, verify_password};
pub use passwords::{Purpose, ask_for_reset, change_password, holder_of, set_by_link};
pub use people::{
    Person, check_email, check_setup, create, create_first_admin, disable, edit, enable, get, get_by_email, invite,
    list, needs_first_admin, rename, reset_second_factor, send_link_again, setup_token,
};
pub use policy::{MIN_ALONE, MIN_WITH_SECOND_FACTOR};
pub use roles::{Permission, Role};
pub use second_factor::{
    begin_second_factor, confirm_second_factor, enrolment, renew_recovery_codes, turn_off_second_factor,
};
pub use sessions::{
    SESSION_IDLE_MS, SESSION_LIFE_MS, SESSION_SEEN_MS, revoke_session, revoke_sessions, sessions_of, sweep,
};
pub use sign_in::{
    BROWSER_MARK_MS, CODE_STEP_MS, SignIn, browser_mark, confirm, sign_in, sign_in_with_code, signed_out,
};
pub use throttle::network;
pub use tokens::{MAX_DAYS, NewToken, create_token, find_token, revoke_token, scopes_of, token_of, tokens_of};
