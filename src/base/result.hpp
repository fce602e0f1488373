#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace vis {

/// Why something that can fail did fail. Small and closed: each dialect maps it to its own wire
/// errors in one place (`api/X/errors.cpp`); details belong in `Error::message`.
enum class Errc : std::uint8_t {
  InvalidArgument,     ///< The caller's input is malformed or out of range.
  Unauthenticated,     ///< No valid credentials.
  PermissionDenied,    ///< Valid credentials without the right.
  NotFound,            ///< The named thing does not exist (or the caller may not know of it).
  AlreadyExists,       ///< A thing of that name exists.
  FailedPrecondition,  ///< Right request, wrong state.
  LimitExceeded,       ///< A named limit of base/limits/ or of a project.
  Unsupported,         ///< Well-formed, but a feature this server does not offer.
  Timeout,             ///< The deadline passed.
  Cancelled,           ///< The operation's owner stopped.
  Unavailable,         ///< Cannot now; trying again may help.
  Internal,            ///< A fault of ours; the log has the rest.
};

/// The stable, lower-case name of a code, as logs and problem details show it.
constexpr std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::InvalidArgument: return "invalid_argument";
    case Errc::Unauthenticated: return "unauthenticated";
    case Errc::PermissionDenied: return "permission_denied";
    case Errc::NotFound: return "not_found";
    case Errc::AlreadyExists: return "already_exists";
    case Errc::FailedPrecondition: return "failed_precondition";
    case Errc::LimitExceeded: return "limit_exceeded";
    case Errc::Unsupported: return "unsupported";
    case Errc::Timeout: return "timeout";
    case Errc::Cancelled: return "cancelled";
    case Errc::Unavailable: return "unavailable";
    case Errc::Internal: return "internal";
  }
  std::unreachable();
}

/// An expected failure. `message` is for the caller to read; it never holds a secret.
struct Error {
  Errc code = Errc::Internal;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

/// `return fail(Errc::NotFound, "room not found");`
[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace vis
