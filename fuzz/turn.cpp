// Any messages, one after another, to a server that holds an allocation of the same client with a
// permission and a channel: whatever comes out is for that client or one of our own addresses, and
// small. The input is read as (length, message) pairs, so that a sequence can be found.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "media/turn/server.hpp"
#include "unit/media/turn/client.hpp"

namespace {

using vis::media::turn::test::HandmadeClient;
namespace turn = vis::media::turn;

constexpr vis::WallTime kToday = vis::wall_from_unix_ms(1'700'000'000'000);

void check(const turn::Server::Output& out, const turn::ClientId& client) {
  VIS_ASSERT(!out.to_client || !out.to_peer);
  if (out.to_client) {
    VIS_ASSERT(out.to_client->client == client);
    VIS_ASSERT(!out.to_client->message.empty() && out.to_client->message.size() < 600);
  }
  if (out.to_peer) VIS_ASSERT(out.to_peer->peer < 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::chrono_literals;
  const vis::Secret secret{"secret"};
  const vis::SocketAddress sfu{.ip = vis::IpAddress::v4({192, 0, 2, 1}), .port = 7882};
  vis::SeededRandom random(1);
  turn::Server server({.realm = "r", .secret = secret, .peers = {sfu, {sfu.ip, 7883}}}, random);
  HandmadeClient client(server, {.ip = vis::IpAddress::v4({198, 51, 100, 7}), .port = 9},
                        turn::CredentialAuthority(secret).issue("w", kToday + 1h));
  VIS_ASSERT(client.meet() && client.allocate()->error == 0);
  VIS_ASSERT(client.bind(0x4000, sfu)->error == 0);
  vis::ByteReader reader{{data, size}};
  while (!reader.at_end()) {
    const vis::Bytes message = reader.take(std::min<std::size_t>(reader.u16(), reader.remaining()));
    static_cast<void>(turn::message_size(message));
    check(server.on_message(client.now, client.id, message), client.id);
    client.now.monotonic += 1s;
    server.on_deadline(client.now.monotonic);
  }
  VIS_ASSERT(server.allocations() <= 1);
  return 0;
}
