#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "load/client.hpp"
#include "load/wire.hpp"

namespace vis::bench {

struct Member;

/// A room and who is in it.
struct Room {
  std::string name;
  std::vector<std::unique_ptr<Member>> members;
};

/// A participant: what it publishes goes out by `sender`, what it watches comes in by `receiver`.
struct Member {
  Room& room;
  bool publishes = false;
  bool watches = false;
  std::string name;
  Client* sender = nullptr;  ///< Made when the server has let it in.
  /// Made when there is something to watch: one for all of it, or one for each publisher.
  std::vector<Client*> receivers;
  bool published = false;  ///< The server takes its media.

  /// Media packets that it has been sent, and their sources.
  std::uint64_t packets() const;
  std::size_t sources() const;
};

/// All clients and their network, on one thread: it reads and counts what servers send, sends the
/// publishers' media in real time, and runs the signalling connections in between.
class Generator final {
 public:
  explicit Generator(Network network) : wire_(network) {}

  boost::asio::io_context& io() { return io_; }
  TimePoint now() const;

  Client& add_client(const Client::Description& description);
  /// From now on its media are sent, unless paused. The second time, nothing happens.
  void start_media(Client& sender);

  void run_for(Duration duration);
  /// False when it does not come true in time.
  bool run_until(const std::function<bool()>& done, Duration limit);

  /// While paused, publishers send nothing.
  void pause(bool paused);
  /// Media packets that the publisher has sent since it began.
  std::uint64_t sent_by(const Client& sender) const;
  /// Media packets that have arrived for anybody.
  std::uint64_t received() const;
  std::uint64_t dropped() const { return wire_.dropped(); }
  /// Of what witnesses have received.
  Delays& delays() { return delays_; }

 private:
  struct Publisher {
    Client* client = nullptr;
    TimePoint next_frame;
    TimePoint next_sound;
    std::uint64_t packets = 0;
  };

  void step();
  void receive(TimePoint now);
  void send_due(TimePoint now);
  void tick(TimePoint now);
  void wait(TimePoint now) const;

  /// From our clock to that of the kernel's timestamps.
  std::uint64_t clock_offset_ns_ =
      realtime_ns() - static_cast<std::uint64_t>(now().time_since_epoch().count());
  SystemRandom random_;
  media::srtp::Crypto crypto_;
  boost::asio::io_context io_{1};
  Wire wire_;
  Delays delays_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Publisher> publishers_;
  bool paused_ = false;
  TimePoint next_tick_;
  std::size_t ticked_ = 0;
};

}  // namespace vis::bench
