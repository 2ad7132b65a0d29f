// The few C lines that Swift cannot say: variadic functions, and macros. Each says why it exists.
#ifndef GATEHOUSE_CSHIM_H
#define GATEHOUSE_CSHIM_H

#include "KernelLayer.h"
#include "Sockets.h"

#include <curl/curl.h>
#include <stddef.h>
#include <sys/types.h>

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic: one wrapper for each type of argument.
CURLcode gatehouse_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode gatehouse_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode gatehouse_curl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode gatehouse_curl_set_string(CURL *handle, CURLoption option, const char *value);
// A blob is read through a pointer to a struct whose data is not const, though libcurl copies it.
CURLcode gatehouse_curl_set_copied_blob(CURL *handle, CURLoption option, const void *bytes, size_t count);
CURLcode gatehouse_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode gatehouse_curl_set_data_callback(CURL *handle, CURLoption option,
                                          size_t (*callback)(char *, size_t, size_t, void *));
CURLcode gatehouse_curl_set_open_socket(CURL *handle,
                                        curl_socket_t (*callback)(void *, curlsocktype, struct curl_sockaddr *));
CURLcode gatehouse_curl_set_close_socket(CURL *handle, int (*callback)(void *, curl_socket_t));
CURLcode gatehouse_curl_set_pre_request(CURL *handle, int (*callback)(void *, char *, char *, int, int));
CURLcode gatehouse_curl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode gatehouse_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value);
CURLcode gatehouse_curl_get_pointer(CURL *handle, CURLINFO info, void **value);

CURLMcode gatehouse_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLMcode gatehouse_curl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value);
CURLMcode gatehouse_curl_multi_set_socket_callback(CURLM *multi,
                                                   int (*callback)(CURL *, curl_socket_t, int, void *, void *));
CURLMcode gatehouse_curl_multi_set_timer_callback(CURLM *multi, int (*callback)(CURLM *, long, void *));

#endif
