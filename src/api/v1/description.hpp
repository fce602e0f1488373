#pragma once

#include <string>
#include <string_view>

#include "http/router.hpp"

namespace vis::api::v1 {

/// The OpenAPI document of all HTTP interfaces: openapi.json, beside this file, as it was built.
std::string_view description();

/// `GET /v1/openapi.json`, for anybody and from pages of any origin.
void add_description_route(http::Router& router, const std::string& base_path);

}  // namespace vis::api::v1
