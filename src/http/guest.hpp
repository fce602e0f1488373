#pragma once

#include <memory>

#include "base/bytes.hpp"
#include "base/socket_address.hpp"

namespace vis::http {

/// The way back to one client of a guest protocol. Any thread may call; both return at once.
class GuestOutput {
 public:
  virtual ~GuestOutput() = default;
  /// Bytes that belong together, such as one message. They are dropped when more than
  /// limits::kGuestQueueBytes wait, or after the end.
  virtual void write(ByteVector bytes) = 0;
  virtual void close() = 0;
};

/// A protocol that shares the TLS ports with HTTP, told from it by the first byte inside TLS: one
/// below 4, as of every STUN message (RFC 7983), which no HTTP request begins with. Called on the
/// control loop; a connection is named by its client's address.
class GuestProtocol {
 public:
  virtual ~GuestProtocol() = default;
  /// `output` is shared by the connection, which writes it out, and the protocol, which fills it.
  virtual void opened(const SocketAddress& client, std::shared_ptr<GuestOutput> output) = 0;
  virtual void received(const SocketAddress& client, Bytes bytes) = 0;
  virtual void closed(const SocketAddress& client) = 0;
};

}  // namespace vis::http
