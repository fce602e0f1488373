#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "base/socket_address.hpp"
#include "media_io/file_descriptor.hpp"

namespace vis::media_io {

/// A TCP port that is listened on, for IPv4 and IPv6 where the address is unspecified.
class TcpListener final {
 public:
  /// Port 0 = any free one. Error: Unavailable with the system's words.
  static Result<TcpListener> open(const SocketAddress& address);

  int descriptor() const { return descriptor_.get(); }
  std::uint16_t port() const { return port_; }

  struct Accepted {
    FileDescriptor descriptor;
    SocketAddress remote;
  };
  /// The next connection that waits, made fit for packets: no delay, and little waiting in the
  /// kernel, so that a slow reader is noticed here. Nothing when there is none.
  std::optional<Accepted> accept();
  /// Whether `accept` found nothing because the system has no more descriptors or memory.
  bool exhausted() const { return exhausted_; }

 private:
  TcpListener(FileDescriptor descriptor, std::uint16_t port)
      : descriptor_(std::move(descriptor)), port_(port) {}

  FileDescriptor descriptor_;
  std::uint16_t port_ = 0;
  bool exhausted_ = false;
};

}  // namespace vis::media_io
