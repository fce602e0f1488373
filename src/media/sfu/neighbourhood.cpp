#include "media/sfu/neighbourhood.hpp"

#include <algorithm>
#include <utility>

#include "media/sfu/engine_context.hpp"
#include "media/sfu/layer.hpp"
#include "media/sfu/receiver.hpp"

namespace vis::media::sfu {

void Neighbourhood::connect(unsigned worker, const Neighbour::Ways& ways) {
  if (find(worker) == nullptr) neighbours_.push_back(std::make_unique<Neighbour>(worker, ways));
}

Neighbour* Neighbourhood::find(unsigned worker) const {
  const auto found = std::ranges::find(neighbours_, worker, &Neighbour::worker);
  return found == neighbours_.end() ? nullptr : found->get();
}

void Neighbourhood::close() {
  for (const auto& neighbour : neighbours_) neighbour->close();
}

std::uint32_t Neighbourhood::add_track(Receiver& receiver) {
  tracks_.emplace(++last_number_, &receiver);
  return last_number_;
}

Receiver* Neighbourhood::track(std::uint32_t number) const {
  const auto found = tracks_.find(number);
  return found == tracks_.end() ? nullptr : found->second;
}

void Neighbourhood::pass_on(TimePoint now, std::span<Layer* const> layers) {
  if (neighbours_.empty()) return;
  for (const Layer* const layer : layers) layer->receiver().pass_on(now, *layer);
  for (const auto& neighbour : neighbours_) {
    neighbour->to().take_back();
    if (neighbour->to().publish()) neighbour->wake();
  }
}

void Neighbourhood::look() {
  for (const auto& neighbour : neighbours_) neighbour->from().look();
}

void Neighbourhood::take(TimePoint now) {
  for (const auto& neighbour : neighbours_) {
    neighbour->from().take(
        [&](const SlabRing::Packet& packet) { receive(now, *neighbour, packet); });
  }
  for (Receiver* const receiver : appeared_) receiver->on_layers_offered(now);
  appeared_.clear();
}

void Neighbourhood::receive(TimePoint now, const Neighbour& from, const SlabRing::Packet& packet) {
  Receiver* const receiver = from.track(packet.track);
  // What nobody wants any more may have been on its way.
  if (receiver == nullptr || !receiver->bound() || receiver->senders().empty()) return;
  SlabRef slab = context_.slabs.take(packet.bytes.size());
  if (!slab) {
    ++context_.counters.slabs_exhausted;
    receiver->request_key_frame(now, packet.layer);
    return;
  }
  std::ranges::copy(packet.bytes, slab->room.begin());
  slab->size = static_cast<std::uint32_t>(packet.bytes.size());
  const auto view = rtp::PacketView::parse(slab->packet());
  if (!view) return;
  ++context_.counters.rtp_from_neighbours;
  Layer& layer = receiver->remote_layer(packet.layer, view->ssrc());
  const bool appears = layer.is_silent(now);
  const auto extensions = rtp::ExtensionValues::read(view->elements(), receiver->extensions());
  const bool taken = layer.on_packet(now, {.slab = std::move(slab),
                                           .view = *view,
                                           .extensions = extensions,
                                           .sequence = packet.sequence,
                                           .resumes = packet.resumes});
  if (!appears) return;
  // It may refer to what a key frame before it has told.
  if (!taken) return receiver->request_key_frame(now, packet.layer);
  if (std::ranges::find(appeared_, receiver) == appeared_.end()) appeared_.push_back(receiver);
}

}  // namespace vis::media::sfu
