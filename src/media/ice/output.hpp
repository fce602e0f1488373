#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/socket_address.hpp"
#include "media/stun/builder.hpp"

namespace vis::media::ice {

/// Between which two transport addresses a datagram travels.
struct Path {
  /// Which of our addresses, as Candidate::socket counts them. An answer leaves from where its
  /// request came in, or a host with several addresses answers from one that nobody asked.
  std::uint8_t local = 0;
  SocketAddress remote;

  friend bool operator==(const Path&, const Path&) = default;
};

enum class State : std::uint8_t {
  New,           ///< Nothing is known of the peer yet.
  Checking,      ///< Looking for a path.
  Connected,     ///< There is a path, and the peer was heard on it a short while ago.
  Disconnected,  ///< The peer has fallen silent; media still goes out, and it may come back.
  Failed,        ///< Nothing is sent any more. A restart may help.
  Closed,
};

enum class FailureReason : std::uint8_t {
  None,
  NoConnection,    ///< No path was found in time.
  ConsentExpired,  ///< The peer has not asked for our packets for 30 s (RFC 7675).
};

/// A connectivity check or an answer to one, to be sent along `path`.
struct Datagram {
  Path path;
  std::array<std::uint8_t, stun::kMaxBuiltBytes> buffer;
  std::size_t size = 0;

  Bytes bytes() const { return std::span(buffer).first(size); }
};

/// What a call to an Agent left to be done. The owner passes an empty one in, sends the datagrams
/// and acts on the rest once the call has returned; one object may serve many agents in turn.
class Output final {
 public:
  /// An answer, a fresh check, a consent check and a repeated check; whatever else is due makes
  /// the agent's next deadline be now.
  static constexpr std::size_t kDatagramsMax = 4;

  std::span<const Datagram> datagrams() const { return std::span(datagrams_).first(count_); }
  /// Set when media must take another path from now on.
  std::optional<Path> selected;
  /// Set when the state has changed, with the reason for `State::Failed`.
  std::optional<State> state;
  FailureReason failure = FailureReason::None;

  void clear() {
    count_ = 0;
    selected.reset();
    state.reset();
    failure = FailureReason::None;
  }

  // The rest is the agent's side.
  bool full() const { return count_ == datagrams_.size(); }
  Datagram& add(const Path& path) {
    VIS_ASSERT(!full());
    Datagram& datagram = datagrams_[count_++];
    datagram.path = path;
    datagram.size = 0;
    return datagram;
  }

 private:
  std::array<Datagram, kDatagramsMax> datagrams_;
  std::size_t count_ = 0;
};

}  // namespace vis::media::ice

template <>
struct std::hash<vis::media::ice::Path> {
  std::size_t operator()(const vis::media::ice::Path& path) const noexcept {
    constexpr std::size_t kSpread = 0x9E3779B97F4A7C15U;
    return std::hash<vis::SocketAddress>{}(path.remote) ^ (path.local * kSpread);
  }
};
