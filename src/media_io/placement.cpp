#include "media_io/placement.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace vis::media_io {

namespace core_rooms = core::rooms;

unsigned Placement::open(const RoomSid& sid) {
  Room& room = rooms_[sid];
  VIS_ASSERT(room.parts.empty());
  const unsigned worker = *least_loaded(room);
  room.parts.push_back(worker);
  room.participants.push_back(0);
  ++transports_[worker];
  return worker;
}

std::vector<unsigned> Placement::close(const RoomSid& sid) {
  const auto found = rooms_.find(sid);
  if (found == rooms_.end()) return {};
  Room& room = found->second;
  for (const unsigned worker : room.parts) --transports_[worker];
  for (const auto& [participant, seat] : room.seats) {
    transports_[room.parts[seat.part]] -= seat.transports;
  }
  std::vector<unsigned> parts = std::move(room.parts);
  rooms_.erase(found);
  return parts;
}

const std::vector<unsigned>& Placement::parts(const RoomSid& sid) const {
  static const std::vector<unsigned> kNone;
  const auto found = rooms_.find(sid);
  return found == rooms_.end() ? kNone : found->second.parts;
}

std::optional<unsigned> Placement::least_loaded(const Room& room) const {
  std::optional<unsigned> least;
  for (unsigned worker = 0; worker < options_.workers; ++worker) {
    if (std::ranges::find(room.parts, worker) != room.parts.end()) continue;
    if (!least || transports_[worker] < transports_[*least]) least = worker;
  }
  return least;
}

std::size_t Placement::choose_part(Room& room) const {
  const auto fewest = std::ranges::min_element(room.participants);
  const auto part = static_cast<std::size_t>(fewest - room.participants.begin());
  if (options_.spread == 0 || *fewest < options_.spread) return part;
  const auto another = least_loaded(room);
  if (!another) return part;
  room.parts.push_back(*another);
  room.participants.push_back(0);
  return room.parts.size() - 1;
}

std::optional<Placement::Place> Placement::add(const RoomSid& sid,
                                               const core_rooms::TransportSpec& transport) {
  const auto found = rooms_.find(sid);
  if (found == rooms_.end()) return std::nullopt;
  Room& room = found->second;
  const std::size_t parts_before = room.parts.size();
  auto seat = room.seats.find(transport.participant);
  if (seat == room.seats.end()) {
    const std::size_t part = choose_part(room);
    ++room.participants[part];
    seat = room.seats.emplace(transport.participant, Room::Seat{.part = part}).first;
  }
  ++seat->second.transports;
  room.owners.emplace(transport.id, transport.participant);
  const unsigned worker = room.parts[seat->second.part];
  const bool is_new = room.parts.size() != parts_before;
  transports_[worker] += is_new ? 2 : 1;
  return Place{.worker = worker, .is_new = is_new};
}

std::optional<unsigned> Placement::find(const RoomSid& sid, TransportId transport) const {
  const auto found = rooms_.find(sid);
  if (found == rooms_.end()) return std::nullopt;
  const Room& room = found->second;
  const auto owner = room.owners.find(transport);
  if (owner == room.owners.end()) return std::nullopt;
  return room.parts[room.seats.at(owner->second).part];
}

void Placement::remove(const RoomSid& sid, TransportId transport) {
  const auto found = rooms_.find(sid);
  if (found == rooms_.end()) return;
  Room& room = found->second;
  const auto owner = room.owners.find(transport);
  if (owner == room.owners.end()) return;
  const auto seat = room.seats.find(owner->second);
  --transports_[room.parts[seat->second.part]];
  if (--seat->second.transports == 0) {
    --room.participants[seat->second.part];
    room.seats.erase(seat);
  }
  room.owners.erase(owner);
}

}  // namespace vis::media_io
