#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/socket_address.hpp"
#include "base/time.hpp"
#include "media_io/file_descriptor.hpp"

namespace vis::media_io {

/// What a client speaks on the TCP port.
enum class TcpProtocol : std::uint8_t {
  Unknown,  ///< Not enough has come.
  Ice,      ///< ICE-TCP: datagrams in the frames of RFC 4571.
  Turn,     ///< STUN messages and ChannelData one after another (RFC 8656 section 12.5).
  Neither,
};

/// By the magic cookie of the STUN message that begins both, behind its header or the frame's.
TcpProtocol protocol_of(Bytes first);

/// One connection from a client: cuts what comes into messages, and gathers what goes out. Lives on
/// the relay loop's thread, which owns it. Holds at most one message that is incomplete and
/// limits::kTcpSendQueueBytes to be sent; when the client reads too slowly, whole messages are
/// dropped, as a network would.
class TcpConnection final {
 public:
  TcpConnection(FileDescriptor descriptor, const SocketAddress& remote, TimePoint now)
      : descriptor_(std::move(descriptor)), remote_(remote), heard_at_(now) {}

  int descriptor() const { return descriptor_.get(); }
  const SocketAddress& remote() const { return remote_; }
  TcpProtocol protocol() const { return protocol_; }
  TimePoint heard_at() const { return heard_at_; }

  /// Takes what has come. False when the connection has ended.
  bool receive(TimePoint now);
  /// The next complete message, good until the next call of this or `receive`.
  std::optional<MutableBytes> next_message();
  /// Whether what came is of no protocol that we know: the connection is to be closed.
  bool broken() const { return protocol_ == TcpProtocol::Neither; }

  /// False when the message was dropped for want of room.
  bool send(Bytes message);
  /// Sends what waits. False when the connection has ended.
  bool flush();
  bool has_unsent() const { return sent_ < outgoing_.size(); }

  std::optional<std::size_t> worker;  ///< Of an ICE connection, once it has named its agent.
  bool watched_for_room = false;      ///< The loop waits until it can be written to.

 private:
  FileDescriptor descriptor_;
  SocketAddress remote_;
  TimePoint heard_at_;
  TcpProtocol protocol_ = TcpProtocol::Unknown;
  std::vector<std::uint8_t> incoming_;
  std::size_t taken_ = 0;
  std::vector<std::uint8_t> outgoing_;
  std::size_t sent_ = 0;
};

}  // namespace vis::media_io
