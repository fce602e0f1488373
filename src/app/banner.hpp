#pragma once

#include <vector>

#include "app/config/config.hpp"
#include "base/socket_address.hpp"
#include "media_io/media_io.hpp"

namespace vis::app {

/// Tells operators and scripts that the server is up and where: the log event `server.ready`, and
/// under `--dev`, on standard output, the addresses to open and the demo keys.
void announce_ready(const Config& config, const std::vector<SocketAddress>& endpoints,
                    const media_io::MediaIo& media);

}  // namespace vis::app
