//! Why signing in was refused. What is said says nothing about which accounts there are.

use jiff::Timestamp;
use schema::{message::Bilingual, parameters::BEIJING};

/// What keeps somebody from signing in, or from changing how they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefusal {
    /// There is no account with this password that could be used now.
    Wrong,
    /// Too many failures with this account name: nobody may try before this moment.
    Wait(Timestamp),
    /// A code that is not the authenticator's of now, or was taken before, and no recovery code.
    WrongCode,
    /// The password in force is another one.
    WrongPassword,
    /// One of the last passwords.
    UsedBefore,
    /// A second factor stands there already.
    HasSecondFactor,
    /// No second factor stands there, or its setting up was not begun.
    NoSecondFactor,
    /// Whoever holds what this person holds must have a second factor.
    SecondFactorRequired,
    /// A program presents tokens, not passwords.
    NotForPrograms,
    /// The session is over, or acts for somebody else now.
    Over,
}

impl SignInRefusal {
    /// Stable code, snake case.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wrong => "wrong_login_or_password",
            Self::Wait(_) => "too_many_failures",
            Self::WrongCode => "wrong_code",
            Self::WrongPassword => "wrong_password",
            Self::UsedBefore => "used_before",
            Self::HasSecondFactor => "has_second_factor",
            Self::NoSecondFactor => "no_second_factor",
            Self::SecondFactorRequired => "second_factor_required",
            Self::NotForPrograms => "not_for_programs",
            Self::Over => "session_over",
        }
    }

    /// What is wrong and what to do.
    pub fn message(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Wrong => (
                "账号或口令不正确，或账号已停用。忘记口令请联系管理员重设",
                "no account that can be used has this password; who forgot it asks an administrator for another",
            ),
            Self::Wait(until) => {
                let time = BEIJING.to_datetime(until).strftime("%H:%M").to_string();
                return Bilingual::new(
                    format!("失败次数过多，请于 {time}（北京时间）之后再试，或联系管理员解锁"),
                    format!(
                        "too many failures: try again after {time} (Beijing), or ask an administrator to unlock"
                    ),
                );
            }
            Self::WrongCode => (
                "验证码不正确或已经用过，请输入身份验证器上现在显示的六位数字，或一个未用过的恢复码",
                "the code is wrong or was used: enter the six digits that the authenticator shows now, or a recovery code that was not used",
            ),
            Self::WrongPassword => {
                ("当前口令不正确，请重新输入", "this is not the password in force: enter it again")
            }
            Self::UsedBefore => (
                "不能使用最近用过的口令，请换一个",
                "it was used before not long ago: choose another",
            ),
            Self::HasSecondFactor => (
                "已设有第二因素，如要更换请先移除",
                "there is a second factor already: remove it first",
            ),
            Self::NoSecondFactor => (
                "尚未设置第二因素，请先开始设置",
                "there is no second factor yet: begin to set one up",
            ),
            Self::SecondFactorRequired => (
                "您的角色必须使用第二因素，不能移除；更换设备请由管理员重置",
                "your roles require a second factor: it cannot be removed; for a new device have an administrator reset it",
            ),
            Self::NotForPrograms => (
                "程序账号使用令牌，不设口令",
                "a program presents a token and has no password: make a token for it",
            ),
            Self::Over => ("会话已结束，请重新登录", "the session is over: sign in again"),
        };
        Bilingual::new(zh, en)
    }
}
