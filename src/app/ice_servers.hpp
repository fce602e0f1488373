#pragma once

#include <string>
#include <vector>

#include "api/livekit/server_description.hpp"
#include "app/config/config.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "media/turn/credentials.hpp"
#include "media_io/relay_loop.hpp"

namespace vis::app {

/// Our TURN server as clients are told of it, each with a credential of its own that is good for
/// kCredentialLifetime. Control thread.
class IceServers final {
 public:
  /// A client asks anew whenever it reconnects; a call outlives its credential.
  static constexpr std::chrono::hours kCredentialLifetime{1};

  struct Ports {
    std::uint16_t turn_udp = 0;
    std::optional<std::uint16_t> turn_tcp;
    std::optional<std::uint16_t> tls;  ///< Of HTTPS, which takes TURN as well.
  };
  IceServers(const Config& config, const Ports& ports, const Secret& secret);

  std::vector<api::livekit::IceServer> issue(std::string_view who, WallTime now) const;
  const std::vector<std::string>& urls() const { return urls_; }

 private:
  media::turn::CredentialAuthority authority_;
  std::vector<std::string> urls_;
};

}  // namespace vis::app
