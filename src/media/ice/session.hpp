#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits/media_ice.hpp"
#include "media/ice/credentials.hpp"
#include "media/ice/output.hpp"
#include "media/stun/integrity.hpp"
#include "media/stun/message.hpp"

namespace vis::media::ice {

/// What the peer's description says of the peer as a whole.
struct RemoteDescription {
  Credentials credentials;
  bool lite = false;  ///< `a=ice-lite`: it answers checks and sends none.

  friend bool operator==(const RemoteDescription&, const RemoteDescription&) = default;
};

/// One ICE generation: the credentials of both sides between two restarts, with the keys made of
/// them. A value inside its Agent.
class Session final {
 public:
  explicit Session(Credentials local);

  void set_remote(RemoteDescription remote);
  const std::optional<RemoteDescription>& remote() const { return remote_; }
  bool remote_is_lite() const { return remote_ && remote_->lite; }
  const Credentials& local() const { return local_; }

  /// Whether a request bears the names of this generation and the proof of our password. While
  /// the peer's fragment is unknown, any will do: only who has our description knows the password.
  bool authenticates_request(const stun::Message& request) const;
  /// Whether a response bears the proof of the peer's password.
  bool authenticates_response(const stun::Message& response) const;

  const stun::IntegrityKey& local_key() const { return local_key_; }
  /// What our requests carry and are signed with. Only once the peer's description is known.
  const stun::IntegrityKey& remote_key() const;
  const std::string& request_username() const { return request_username_; }

 private:
  Credentials local_;
  stun::IntegrityKey local_key_;
  std::optional<RemoteDescription> remote_;
  std::optional<stun::IntegrityKey> remote_key_;
  std::string request_username_;
};

/// The two halves of the USERNAME of a request, "receiver's fragment:sender's fragment".
struct RequestUsername {
  std::string_view receiver;
  std::string_view sender;

  static std::optional<RequestUsername> of(const stun::Message& message);
};

/// Remembers the latest authenticated requests. MESSAGE-INTEGRITY does not cover the source
/// address, so a captured request sent again from elsewhere would otherwise pass as the peer's
/// wish to move there.
class RecentRequests final {
 public:
  enum class Verdict : std::uint8_t { New, Repeated, Replayed };

  Verdict note(const stun::TransactionId& id, const Path& path);

 private:
  struct Request {
    stun::TransactionId id;
    Path path;
  };
  std::vector<Request> requests_;  ///< limits::kIceRecentRequests; a ring once there are so many.
  std::size_t next_ = 0;
};

}  // namespace vis::media::ice
