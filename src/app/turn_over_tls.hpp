#pragma once

#include "http/guest.hpp"
#include "media_io/relay_loop.hpp"

namespace vis::app {

/// Carries TURN between the TLS ports of the web server and the relay loop. Control thread; both
/// outlive it.
class TurnOverTls final : public http::GuestProtocol {
 public:
  explicit TurnOverTls(media_io::RelayLoop& relay) : relay_(relay) {}

  /// `output` is shared by the connection of the web server and the relay loop.
  void opened(const SocketAddress& client, std::shared_ptr<http::GuestOutput> output) override;
  void received(const SocketAddress& client, Bytes bytes) override;
  void closed(const SocketAddress& client) override;

 private:
  media_io::RelayLoop& relay_;
};

}  // namespace vis::app
