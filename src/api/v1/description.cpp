#include "api/v1/description.hpp"

#include "http/response.hpp"

namespace vis::api::v1 {
namespace {

Task<http::Response> answer(http::Request) {
  http::Response response = http::text_response(200, std::string(description()));
  co_return std::move(response).with("Content-Type", "application/json");
}

}  // namespace

void add_description_route(http::Router& router, const std::string& base_path) {
  router.add(http::Method::Get, base_path + "/v1/openapi.json", answer,
             {.cors = http::Cors::Reflect});
}

}  // namespace vis::api::v1
