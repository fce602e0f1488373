#include "core/rooms/data_routing.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace vis::core::rooms {
namespace {

bool is_addressed(const RoomService::DataMessage& message, const Participant& receiver) {
  if (receiver.sid() == message.from) return false;
  if (message.identities.empty() && message.participants.empty()) return true;
  return std::ranges::find(message.identities, receiver.identity()) != message.identities.end() ||
         std::ranges::find(message.participants, receiver.sid()) != message.participants.end();
}

bool is_reachable(const Participant& receiver) { return receiver.active() && receiver.data_ready; }

}  // namespace

void DataRouting::send(Now now, RoomService::DataMessage message) {
  std::vector<TransportId> to;
  for (const auto& receiver : room_.roster.all()) {
    if (!is_addressed(message, *receiver)) continue;
    if (is_reachable(*receiver)) {
      to.push_back(receiver->transports.downlink().id);
    } else if (message.channel == DataChannel::Reliable) {
      receiver->backlog.hold(now.monotonic, message.payload);
      connecting_.offer_downlink(*receiver);
    }
  }
  if (to.empty()) return;
  room_.command(SendData{
      .to = std::move(to), .channel = message.channel, .payload = std::move(message.payload)});
}

void DataRouting::on_receiver_changed(Now now, Participant& receiver) {
  if (!is_reachable(receiver)) return;
  const TransportId transport = receiver.transports.downlink().id;
  for (ByteVector& payload : receiver.backlog.take(now.monotonic)) {
    room_.command(SendData{
        .to = {transport}, .channel = DataChannel::Reliable, .payload = std::move(payload)});
  }
}

void DataRouting::on_received(const Participant& sender, DataReceived data) {
  if (!sender.permissions().can_publish_data) return;
  room_.outbox().tell(sender.observer, [data = std::move(data)](SessionObserver& observer) {
    observer.on_data(data);
  });
}

void DataRouting::on_tick(Now now) {
  for (const auto& receiver : room_.roster.all()) receiver->backlog.expire(now.monotonic);
}

bool DataRouting::accept_sequence(Participant& sender, std::uint32_t sequence) {
  if (sequence == 0) return true;
  if (sequence <= sender.last_sequence) return false;
  sender.last_sequence = sequence;
  return true;
}

}  // namespace vis::core::rooms
