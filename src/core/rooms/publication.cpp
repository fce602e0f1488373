#include "core/rooms/publication.hpp"

#include <algorithm>
#include <utility>

#include "core/rooms/track_description.hpp"

namespace vis::core::rooms {

std::size_t Publications::pending() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(tracks_, [](const auto& track) { return !track->bound; }));
}

bool Publications::any_bound() const {
  return std::ranges::any_of(tracks_, [](const auto& track) { return track->bound; });
}

Publication* Publications::find(const TrackSid& track) const {
  const auto at =
      std::ranges::find_if(tracks_, [&](const auto& each) { return each->info.sid == track; });
  return at == tracks_.end() ? nullptr : at->get();
}

Publication* Publications::find_cid(std::string_view cid) const {
  const auto at = std::ranges::find_if(tracks_, [&](const auto& track) {
    const auto& codecs = track->info.codecs;
    return track->cid == cid || std::ranges::find(codecs, cid, &TrackCodec::cid) != codecs.end();
  });
  return at == tracks_.end() ? nullptr : at->get();
}

Publication& Publications::add(Publication publication) {
  return *tracks_.emplace_back(std::make_unique<Publication>(std::move(publication)));
}

std::unique_ptr<Publication> Publications::take(const TrackSid& track) {
  const auto at =
      std::ranges::find_if(tracks_, [&](const auto& each) { return each->info.sid == track; });
  if (at == tracks_.end()) return nullptr;
  std::unique_ptr<Publication> taken = std::move(*at);
  tracks_.erase(at);
  return taken;
}

std::size_t Publications::queued(std::string_view cid) const {
  return static_cast<std::size_t>(std::ranges::count(queue_, cid, &TrackRequest::cid));
}

std::optional<TrackRequest> Publications::next_queued(std::string_view cid) {
  const auto at = std::ranges::find(queue_, cid, &TrackRequest::cid);
  if (at == queue_.end()) return std::nullopt;
  TrackRequest request = std::move(*at);
  queue_.erase(at);
  return request;
}

void Publications::drop_queued(const Permissions& permissions) {
  std::erase_if(queue_, [&](const TrackRequest& request) {
    return !may_publish(permissions, request.source);
  });
}

}  // namespace vis::core::rooms
