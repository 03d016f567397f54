//! The pages of people: signing in, one's own account, and the list of users.

mod account;
mod passwords;
mod second_factor;
mod sessions;
mod sign_in;
mod tokens;
mod users;

pub use account::{AccountPage, change_password, confirm};
pub use passwords::{Chooser, choose_password, forgotten, forgotten_sent, set_up};
pub use second_factor::{SecondFactorPage, confirm_new_codes, recovery_codes, turn_off};
pub use sessions::{SessionsPage, browser_name};
pub use sign_in::{code, sign_in};
pub use tokens::{TokensPage, confirm_revoke, new_token};
pub use users::{UserPage, confirm_disable, confirm_second_factor_reset, confirm_sign_out, invite, users};
