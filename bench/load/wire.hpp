#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/socket_address.hpp"
#include "media/sfu/egress.hpp"
#include "media_io/udp_socket.hpp"

namespace vis::bench {

/// The clock of the kernel's receive timestamps.
std::uint64_t realtime_ns();

/// Where the clients' addresses are.
enum class Network : std::uint8_t {
  Own,       ///< 198.19.0.0/16, in the network that bench/load/run makes.
  Loopback,  ///< 127.19.0.0/16, beside a server that runs on this machine already.
};

/// The one UDP socket of all clients. Each client has an address of its own, which the kernel tells
/// for what arrives and takes for what is sent (IP_PKTINFO); so thousands of clients cost one
/// socket, read 32 messages at a time. What a server sends as one segmented message arrives as one
/// (UDP_GRO), as behind a network card that does the cutting and the joining.
class Wire final {
 public:
  static constexpr std::size_t kMostClients = 0x10000;

  explicit Wire(Network network);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  int descriptor() const { return descriptor_.get(); }
  SocketAddress address_of(std::size_t client) const;

  struct Message {
    std::size_t client = 0;
    SocketAddress from;
    MutableBytes bytes;
    std::size_t datagram_bytes = 0;  ///< Of each but the last.
    std::uint64_t arrived_ns = 0;    ///< When the kernel had it, by realtime_ns().
  };
  /// What is waiting, up to a batch; valid until the next call.
  std::span<const Message> receive();
  void send(std::size_t client, std::span<const media::sfu::EgressRun> runs);

  /// Datagrams that the kernel dropped since the socket was opened because nobody read it in time.
  std::uint64_t dropped() const;

 private:
  struct Buffers;

  std::uint32_t first_address_;
  media_io::FileDescriptor descriptor_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace vis::bench
