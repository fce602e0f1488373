#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "media/sfu/neighbour_messages.hpp"
#include "media/sfu/slab_ring.hpp"

namespace vis::media::sfu {

struct EngineContext;
class Layer;
class Receiver;

/// How an engine reaches the engine of another worker. Implemented by the shell; called on the
/// thread of the engine that has it.
class NeighbourLink {
 public:
  virtual ~NeighbourLink() = default;

  /// To be handed to the other's `on_neighbour_message`, in order.
  virtual void post(NeighbourMessage message) = 0;
  /// Packets have been put into the ring.
  virtual void wake() = 0;
};

/// Another engine of the process, as this one knows it. Owned by the Neighbourhood.
class Neighbour final {
 public:
  struct Ways {
    NeighbourLink& link;
    SlabRing& to;
    SlabRing& from;
  };
  Neighbour(unsigned worker, const Ways& ways) : worker_(worker), ways_(ways) {}

  unsigned worker() const { return worker_; }
  void post(NeighbourMessage message) {
    if (!closed_) ways_.link.post(std::move(message));
  }
  void wake() { ways_.link.wake(); }
  SlabRing& to() const { return ways_.to; }
  SlabRing& from() const { return ways_.from; }

  /// The other's tracks that this engine has remote ones of, by their numbers there.
  Receiver* track(std::uint32_t number) const {
    const auto found = tracks_.find(number);
    return found == tracks_.end() ? nullptr : found->second;
  }
  void add_track(std::uint32_t number, Receiver& receiver) { tracks_[number] = &receiver; }
  void remove_track(std::uint32_t number) { tracks_.erase(number); }
  /// Nothing is posted or kept for it any more.
  void close() {
    closed_ = true;
    ways_.to.close();
  }

 private:
  unsigned worker_;
  Ways ways_;
  boost::unordered_flat_map<std::uint32_t, Receiver*> tracks_;
  bool closed_ = false;
};

/// The engines that share rooms with this one, and the packets that go from one to another. Owned
/// by the engine, on its thread.
class Neighbourhood final {
 public:
  explicit Neighbourhood(EngineContext& context) : context_(context) {}

  void connect(unsigned worker, const Neighbour::Ways& ways);
  /// Null when it was never connected.
  Neighbour* find(unsigned worker) const;
  /// The engine is about to go. The threads of the others have ended.
  void close();

  // ---- this engine's tracks, by which the others name them ----

  std::uint32_t add_track(Receiver& receiver);
  void remove_track(std::uint32_t number) { tracks_.erase(number); }
  Receiver* track(std::uint32_t number) const;

  // ---- packets ----

  /// Passes on what layers have gathered.
  void pass_on(TimePoint now, std::span<Layer* const> layers);
  /// Notes what has come. Messages that were posted before it was sent are to be handled between
  /// this and `take`.
  void look();
  void take(TimePoint now);

 private:
  void receive(TimePoint now, const Neighbour& from, const SlabRing::Packet& packet);

  EngineContext& context_;
  std::vector<std::unique_ptr<Neighbour>> neighbours_;
  boost::unordered_flat_map<std::uint32_t, Receiver*> tracks_;
  std::uint32_t last_number_ = 0;
  /// Scratch of `take`: tracks of which a layer is heard that was not.
  std::vector<Receiver*> appeared_;
};

}  // namespace vis::media::sfu
