#include "media/ice/session.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace vis::media::ice {

Session::Session(Credentials local)
    : local_(std::move(local)), local_key_(local_.password.reveal()) {}

void Session::set_remote(RemoteDescription remote) {
  remote_key_.emplace(remote.credentials.password.reveal());
  request_username_ = remote.credentials.ufrag + ":" + local_.ufrag;
  remote_ = std::move(remote);
}

bool Session::authenticates_request(const stun::Message& request) const {
  const auto username = RequestUsername::of(request);
  if (!username || username->receiver != local_.ufrag) return false;
  if (remote_ && username->sender != remote_->credentials.ufrag) return false;
  return request.verify_fingerprint() && request.verify_integrity(local_key_);
}

bool Session::authenticates_response(const stun::Message& response) const {
  if (response.fingerprint_at && !response.verify_fingerprint()) return false;
  return remote_key_ && response.verify_integrity(*remote_key_);
}

const stun::IntegrityKey& Session::remote_key() const {
  VIS_ASSERT(remote_key_.has_value());
  return *remote_key_;
}

std::optional<RequestUsername> RequestUsername::of(const stun::Message& message) {
  if (!message.username) return std::nullopt;
  const std::size_t colon = message.username->find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return RequestUsername{message.username->substr(0, colon), message.username->substr(colon + 1)};
}

RecentRequests::Verdict RecentRequests::note(const stun::TransactionId& id, const Path& path) {
  const auto seen = std::ranges::find(requests_, id, &Request::id);
  if (seen != requests_.end()) return seen->path == path ? Verdict::Repeated : Verdict::Replayed;
  if (requests_.size() < limits::kIceRecentRequests) {
    requests_.push_back({id, path});
    return Verdict::New;
  }
  requests_[next_] = {id, path};
  next_ = (next_ + 1) % requests_.size();
  return Verdict::New;
}

}  // namespace vis::media::ice
