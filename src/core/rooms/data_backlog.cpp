#include "core/rooms/data_backlog.hpp"

#include <utility>

#include "base/limits/core_rooms.hpp"

namespace vis::core::rooms {

void DataBacklog::hold(TimePoint now, ByteVector payload) {
  if (payload.size() > limits::kBacklogBytes) return;
  bytes_ += payload.size();
  messages_.push_back({.since = now, .payload = std::move(payload)});
  while (bytes_ > limits::kBacklogBytes) drop_oldest();
}

std::vector<ByteVector> DataBacklog::take(TimePoint now) {
  expire(now);
  std::vector<ByteVector> payloads;
  payloads.reserve(messages_.size());
  for (Message& message : messages_) payloads.push_back(std::move(message.payload));
  messages_.clear();
  bytes_ = 0;
  return payloads;
}

void DataBacklog::expire(TimePoint now) {
  while (!messages_.empty() && now - messages_.front().since > kMaxAge) drop_oldest();
}

void DataBacklog::drop_oldest() {
  bytes_ -= messages_.front().payload.size();
  messages_.pop_front();
}

}  // namespace vis::core::rooms
