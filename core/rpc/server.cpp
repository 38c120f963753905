// SPDX-License-Identifier: BSD-3-Clause
//
// Requests in, answers out. The wording of errors that a Go client may know is net/rpc's.
#include "core/rpc/server.h"

#include <algorithm>

namespace gotee::rpc {
namespace {

constexpr std::string_view kNull = "null";

/// The only element of a list; empty when `params` is anything else.
std::string_view only_element(std::string_view params) {
  if (!params.starts_with('[')) return {};
  json::Children elements{params};
  const auto first = elements.next();
  if (!first || elements.next()) return {};
  return first->value;
}

}  // namespace

void Answers::put(std::string_view text) {
  if (text.size() > kCapacity - size_ - draft_) {
    full_ = true;
    return;
  }
  const u32 at = (head_ + size_ + draft_) % kCapacity;
  const std::size_t to_end = std::min<std::size_t>(text.size(), kCapacity - at);
  std::copy_n(text.data(), to_end, &bytes_[at]);
  std::copy_n(text.data() + to_end, text.size() - to_end, bytes_.data());
  draft_ += u32(text.size());
}

bool Answers::commit() {
  const bool fitted = !full_;
  if (fitted) size_ += draft_;
  draft_ = 0;
  full_ = false;
  return fitted;
}

std::size_t Answers::take(std::span<u8> out) {
  const u32 bytes = u32(std::min<std::size_t>(out.size(), size_));
  const u32 to_end = std::min(bytes, kCapacity - head_);
  std::copy_n(&bytes_[head_], to_end, out.data());
  std::copy_n(bytes_.data(), bytes - to_end, out.data() + to_end);
  head_ = (head_ + bytes) % kCapacity;
  size_ -= bytes;
  return bytes;
}

bool Server::request(std::span<const u8> bytes, const Actions& actions) {
  bool queued = true;
  for (const u8 byte : bytes) queued = take(byte, actions) && queued;
  return queued;
}

bool Server::take(u8 byte, const Actions& actions) {
  if (skipping_) {
    skipping_ = byte != '\n';
    return true;
  }
  bool queued = true;
  json::Part part = scanner_.feed(byte);
  if (part == json::Part::EndBefore) {
    queued = answer(actions);
    part = scanner_.feed(byte);
  }
  capture(part, char(byte));
  if (part == json::Part::End) queued = answer(actions) && queued;
  if (part == json::Part::Error) {
    queued = fail_unreadable() && queued;
    skipping_ = byte != '\n';
  }
  return queued;
}

void Server::capture(json::Part part, char c) {
  const bool starts = part != part_;
  part_ = part;
  if (part == json::Part::Name) {
    if (starts) name_.clear();
    name_.push(c);
  }
  if (part != json::Part::Value) return;
  if (starts) start_value();
  switch (member_) {
    case Member::Method: return method_.push(c);
    case Member::Id: return id_.push(c);
    case Member::Params: return params_.push(c);
    case Member::Other: return;
  }
}

void Server::start_value() {
  const auto named = [&](std::string_view name) {
    return !name_.too_long && json::is_name(name_.view(), name);
  };
  member_ = Member::Other;
  if (named("method")) {
    member_ = Member::Method;
    method_.clear();
  } else if (named("id")) {
    member_ = Member::Id;
    id_.clear();
  } else if (named("params")) {
    member_ = Member::Params;
    params_.clear();
  }
}

void Server::forget() {
  part_ = json::Part::Blank;
  name_.clear();
  method_.clear();
  id_.clear();
  params_.clear();
}

bool Server::answer(const Actions& actions) {
  if (scanner_.too_deep()) return fail("nested deeper than 32 levels");
  if (scanner_.first() != '{') return fail("request is not an object");
  if (method_.too_long || id_.too_long || params_.too_long) return fail("request too long");
  if (!has_scalar_id()) return fail("id is not a string, a number, true, false or null");
  return call(actions);
}

bool Server::call(const Actions& actions) {
  const std::string_view quoted = method_.view();
  TextBuffer<kMaxMethod> text;
  if (!quoted.empty() && quoted != kNull && !json::unescape(quoted, text))
    return fail("method is not a string");

  const std::string_view method = text.view();
  if (method == "RPC.Echo") return echo();
  if (method == "RPC.LED") return led(actions);
  const std::size_t dot = method.rfind('.');
  if (dot == std::string_view::npos) return fail("rpc: service/method request ill-formed: ", method);
  if (std::string_view{method.data(), dot} != "RPC") return fail("rpc: can't find service ", method);
  return fail("rpc: can't find method ", method);
}

bool Server::echo() {
  const std::string_view said = only_element(params_.view());
  if (!said.starts_with('"')) return fail("RPC.Echo: params must be a list of one string");
  return succeed(said);
}

bool Server::led(const Actions& actions) {
  const std::string_view object = only_element(params_.view());
  if (!object.starts_with('{')) return fail("RPC.LED: params must be a list of one object");
  const std::string_view quoted = json::member(object, "Name");
  const std::string_view on = json::member(object, "On");
  const bool no_name = quoted.empty() || quoted == kNull;
  if (!no_name && !quoted.starts_with('"')) return fail("RPC.LED: Name must be a string");
  if (!on.empty() && on != "true" && on != "false" && on != kNull)
    return fail("RPC.LED: On must be true or false");

  TextBuffer<32> text;
  if (no_name || !json::unescape(quoted, text) || actions.led == nullptr) return fail("invalid LED");
  TextBuffer<32> name;
  for (const char c : text.view()) name.put(json::lower(c));
  const Result<> done = actions.led(actions.self, name.view(), on == "true");
  if (done) return succeed("false");
  switch (done.error()) {
    case Error::Denied: return fail("LED is secure only");
    case Error::NotFound: return fail("invalid LED");
    default: return fail(error_name(done.error()));
  }
}

bool Server::has_scalar_id() const { return !id_.view().starts_with('{') && !id_.view().starts_with('['); }

std::string_view Server::id() const {
  return id_.view().empty() || id_.too_long || !has_scalar_id() ? kNull : id_.view();
}

bool Server::succeed(std::string_view result) {
  answers_.put("{\"id\":");
  answers_.put(id());
  answers_.put(",\"result\":");
  answers_.put(result);
  answers_.put(",\"error\":null}\n");
  forget();
  return answers_.commit();
}

bool Server::fail(std::string_view error, std::string_view detail) {
  answers_.put("{\"id\":");
  answers_.put(id());
  answers_.put(",\"result\":null,\"error\":\"");
  json::escape(error, answers_);
  json::escape(detail, answers_);
  answers_.put("\"}\n");
  forget();
  return answers_.commit();
}

bool Server::fail_unreadable() {
  TextBuffer<96> why;
  scanner_.explain(why);
  forget();  // the id of what cannot be read is not believed
  return fail(why.view());
}

}  // namespace gotee::rpc
