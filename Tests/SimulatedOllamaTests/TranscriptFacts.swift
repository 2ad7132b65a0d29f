/// What a real Ollama 0.33.0-rc2 was seen to answer, reduced to what does not change from run to run: status,
/// headers, framing, the members of every JSON object in their order, and the texts of errors. See `TranscriptCase` for
/// the form. Left out are recordings of states that one request cannot bring about; these have tests of their own.
enum TranscriptFacts {
    static let all = [
        general, security, http, nativeChat, nativeGenerate, nativeErrors, embed, openai, anthropic, toolsAndThinking,
        context, failures, more, cloudOff, cloudOn, cloudErrors,
    ].joined(separator: "\n")

    static let general = #"""
        ## general/get-root
        > GET /
        < 200 length
        <h Content-Type: text/plain; charset=utf-8
        <b text Ollama is running
        ## general/head-root
        > HEAD /
        < 200 none
        <h Content-Type: text/plain; charset=utf-8
        ## general/post-root
        > POST /
        >b {}
        < 405 length
        <h Allow: HEAD, GET
        <h Content-Type: text/plain
        <b text 405 method not allowed
        ## general/unknown-path
        > GET /api/nope
        < 404 length
        <h Content-Type: text/plain
        <b text 404 page not found
        ## general/wrong-method
        > GET /api/chat
        < 405 length
        <h Allow: POST
        <h Content-Type: text/plain
        <b text 405 method not allowed
        ## general/get-version
        > GET /api/version
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {version:$}
        ## general/head-version
        > HEAD /api/version
        < 200 none
        <h Content-Type: application/json; charset=utf-8
        ## general/get-status
        > GET /api/status
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {cloud:{disabled:true,source:=env}}
        ## general/get-tags
        > GET /api/tags
        < 200 chunked
        <h Content-Type: application/json; charset=utf-8
        <b {models:[{name:$,model:$,modified_at:$,size:#,digest:$,details:{parent_model:$,format:$,family:$,families:[$]\#
        ,parameter_size:$,quantization_level:$,context_length:#,embedding_length:#},capabilities:[$]}]}
        ## general/get-ps-idle
        > GET /api/ps
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {models:[]}
        ## general/v1-models
        > GET /v1/models
        < 200 length
        <h Content-Type: application/json
        <b {object:=list,data:[{id:$,object:=model,created:#,owned_by:=library}]} NL
        ## general/v1-model
        > GET /v1/models/tiny
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=model,created:#,owned_by:=library} NL
        ## general/v1-model-missing
        > GET /v1/models/absent
        < 404 length
        <h Content-Type: application/json
        <b {error:{message:=model 'absent:latest' not found,type:=not_found_error,param:null,code:null}} NL
        ## general/show
        > POST /api/show
        >b {"model":"tiny"}
        < 200 chunked
        <h Content-Type: application/json; charset=utf-8
        <b {modelfile:$,parameters:$,template:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_size:$,\#
        quantization_level:$},model_info:*,tensors:*,capabilities:[$],modified_at:$}
        ## general/show-embed
        > POST /api/show
        >b {"model":"tiny-embed"}
        < 200 chunked
        <h Content-Type: application/json; charset=utf-8
        <b {modelfile:$,template:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_size:$,quantization_\#
        level:$},model_info:*,tensors:*,capabilities:[$],modified_at:$}
        ## general/show-missing
        > POST /api/show
        >b {"model":"absent"}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model 'absent:latest' not found}
        ## general/show-no-model
        > POST /api/show
        >b {}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model is required}
        ## general/pprof
        > GET /debug/pprof/
        < 404 length
        <h Content-Type: text/plain
        <b text 404 page not found
        """#

    static let security = #"""
        ## security/host-foreign
        > GET /api/version
        >h Host: gateway.example.com
        < 403 length
        ## security/host-dot-internal
        > GET /api/version
        >h Host: gateway.internal
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {version:$}
        ## security/host-private-ip
        > GET /api/version
        >h Host: 10.1.2.3
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {version:$}
        ## security/host-public-ip
        > GET /api/version
        >h Host: 93.184.216.34
        < 403 length
        ## security/origin-foreign
        > GET /api/version
        >h Origin: https://evil.example
        < 403 length
        ## security/origin-localhost
        > GET /api/version
        >h Origin: http://localhost:3000
        < 200 length
        <h Access-Control-Allow-Origin: http://localhost:3000
        <h Content-Type: application/json; charset=utf-8
        <h Vary: Origin
        <b {version:$}
        ## security/origin-null
        > GET /api/version
        >h Origin: null
        < 403 length
        ## security/preflight-foreign
        > OPTIONS /api/chat
        >h Origin: https://evil.example
        >h Access-Control-Request-Method: POST
        < 403 length
        <h Allow: POST
        ## security/options-no-origin
        > OPTIONS /api/chat
        < 405 length
        <h Allow: POST
        <h Content-Type: text/plain
        <b text 405 method not allowed
        ## security/authorization-ignored
        > GET /api/version
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {version:$}
        """#

    static let http = #"""
        ## http/trailing-slash
        > GET /api/tags/
        < 301 length
        <h Content-Type: text/html; charset=utf-8
        <h Location: /api/tags
        <b text <a href="/api/tags">Moved Permanently</a>.\n\n
        ## http/double-slash
        > GET //api/tags
        < 307 length
        <h Content-Type: text/html; charset=utf-8
        <h Location: /api/tags
        <b text <a href="/api/tags">Temporary Redirect</a>.\n\n
        ## http/upper-case-path
        > GET /API/tags
        < 404 length
        <h Content-Type: text/plain
        <b text 404 page not found
        """#

    static let nativeChat = #"""
        ## native-chat/load-empty-messages
        > POST /api/chat
        >b {"model":"tiny","messages":[]}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=load}
        ## native-chat/ps-loaded
        > GET /api/ps
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {models:[{name:$,model:$,size:#,digest:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_siz\#
        e:$,quantization_level:$},expires_at:$,size_vram:#,context_length:#}]}
        ## native-chat/stream
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"options":{"num_predict":8}}
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:false}
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/nonstream
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":8}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/stop-natural
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":-1,"seed":3,"temperature":1.2}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/stop-sequence
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":40,"stop":["e"]}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/num-predict-0
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":0}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/logprobs
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"logprobs":tru\#
        e,"top_logprobs":2,"options":{"num_predict":3}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,logprobs:[{token:$,logp\#
        rob:#,bytes:[#],top_logprobs:[{token:$,logprob:#,bytes:[#]}]}],total_duration:#,load_duration:#,prompt_eval_coun\#
        t:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/logprobs-stream
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"logprobs":true,"options":{"n\#
        um_predict":3}}
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:false,logprobs:[{token:$,logprob:#,bytes:[#]}]\#
        }
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/format-json
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"format":"json\#
        ","options":{"num_predict":20}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/format-schema
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"format":{"typ\#
        e":"object","properties":{"a":{"type":"integer"}},"required":["a"]},"options":{"num_predict":30}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/format-bad
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"format":"xml"\#
        }
        < 500 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=invalid format: \"\\\"xml\\\"\"; expected \"json\" or a valid JSON Schema object}
        ## native-chat/debug-render
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"_debug_render_only":true}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=,content:$},done:false,_debug_info:{rendered_template:$}}
        ## native-chat/go-template-stream
        > POST /api/chat
        >b {"model":"tiny-go","messages":[{"role":"user","content":"say hello to the world"}],"options":{"num_predict":8\#
        }}
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:false}
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/unknown-role
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"robot","content":"x"}],"stream":false,"options":{"num_predict":3}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/unknown-fields
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"wat":1,"optio\#
        ns":{"num_predict":3,"nonsense":1}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/keepalive-0-unload
        > POST /api/chat
        >b {"model":"tiny","messages":[],"keep_alive":0}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=unload}
        ## native-chat/keepalive-after-answer
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"keep_alive":0\#
        ,"options":{"num_predict":3}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/keepalive-negative
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"keep_alive":-\#
        1,"options":{"num_predict":3}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-chat/ps-after-keepalive-negative
        > GET /api/ps
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {models:[{name:$,model:$,size:#,digest:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_siz\#
        e:$,quantization_level:$},expires_at:$,size_vram:#,context_length:#}]}
        ## native-chat/keepalive-bad-string
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"keep_alive":"\#
        10"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=time: missing unit in duration \"N\"}
        ## native-chat/content-type-text
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":2}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        """#

    static let nativeGenerate = #"""
        ## native-generate/load
        > POST /api/generate
        >b {"model":"tiny"}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,response:$,done:true,done_reason:=load}
        ## native-generate/stream
        > POST /api/generate
        >b {"model":"tiny","prompt":"one two","options":{"num_predict":5}}
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,response:$,done:false}
        <b {model:$,created_at:$,response:$,done:true,done_reason:=stop,context:[#],total_duration:#,load_duration:#,pro\#
        mpt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-generate/nonstream
        > POST /api/generate
        >b {"model":"tiny","prompt":"one two","stream":false,"options":{"num_predict":5}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,response:$,done:true,done_reason:=stop,context:[#],total_duration:#,load_duration:#,pro\#
        mpt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-generate/raw
        > POST /api/generate
        >b {"model":"tiny","prompt":"one two","raw":true,"stream":false,"options":{"num_predict":5}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,response:$,done:true,done_reason:=stop,total_duration:#,load_duration:#,prompt_eval_cou\#
        nt:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-generate/raw-with-system
        > POST /api/generate
        >b {"model":"tiny","prompt":"one","raw":true,"system":"x"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=raw mode does not support template, system, or context}
        ## native-generate/suffix-unsupported
        > POST /api/generate
        >b {"model":"tiny","prompt":"one","suffix":"two"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=registry.ollama.ai/library/tiny:latest does not support insert}
        ## native-generate/suffix-supported
        > POST /api/generate
        >b {"model":"tiny-go","prompt":"one","suffix":"two","stream":false,"options":{"num_predict":3}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,response:$,done:true,done_reason:=stop,context:[#],total_duration:#,load_duration:#,pro\#
        mpt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-generate/unload
        > POST /api/generate
        >b {"model":"tiny","keep_alive":0}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,response:$,done:true,done_reason:=unload}
        """#

    static let nativeErrors = #"""
        ## native-errors/empty-body
        > POST /api/chat
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=missing request body}
        ## native-errors/bad-json
        > POST /api/chat
        >b {"model":
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=unexpected EOF}
        ## native-errors/not-object
        > POST /api/chat
        >b []
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=json: cannot unmarshal array into Go value of type api.ChatRequest}
        ## native-errors/wrong-type
        > POST /api/chat
        >b {"model":5}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=json: cannot unmarshal number into Go struct field ChatRequest.model of type string}
        ## native-errors/messages-wrong-type
        > POST /api/chat
        >b {"model":"tiny","messages":"hi"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=json: cannot unmarshal string into Go struct field ChatRequest.messages of type []api.Message}
        ## native-errors/missing-model-chat
        > POST /api/chat
        >b {"messages":[{"role":"user","content":"say hello to the world"}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model is required}
        ## native-errors/missing-model-generate
        > POST /api/generate
        >b {"prompt":"x"}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model '' not found}
        ## native-errors/missing-model-embed
        > POST /api/embed
        >b {"input":"x"}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model '' not found}
        ## native-errors/missing-model-embeddings
        > POST /api/embeddings
        >b {"prompt":"x"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model is required}
        ## native-errors/absent-model-chat
        > POST /api/chat
        >b {"model":"absent","messages":[{"role":"user","content":"say hello to the world"}]}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model 'absent' not found}
        ## native-errors/absent-model-generate
        > POST /api/generate
        >b {"model":"absent","prompt":"x"}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model 'absent' not found}
        ## native-errors/absent-model-embed
        > POST /api/embed
        >b {"model":"absent","input":"x"}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model \"absent\" not found, try pulling it first}
        ## native-errors/absent-model-embeddings
        > POST /api/embeddings
        >b {"model":"absent","prompt":"x"}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model \"absent\" not found, try pulling it first}
        ## native-errors/invalid-model-name
        > POST /api/chat
        >b {"model":"a b/c","messages":[{"role":"user","content":"say hello to the world"}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=invalid model name}
        ## native-errors/tools-unsupported
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"tools":[{"type":"function","\#
        function":{"name":"f","parameters":{"type":"object","properties":{}}}}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=registry.ollama.ai/library/tiny:latest does not support tools}
        ## native-errors/think-unsupported
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"think":true}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=\"tiny\" does not support thinking}
        ## native-errors/think-bad-value
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"think":"huge"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=invalid think value: \"huge\" (must be \"high\", \"medium\", \"low\", \"max\", true, or false)}
        ## native-errors/image-unsupported
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"x","images":["iVBORw0KGgo="]}],"stream":false,"options"\#
        :{"num_predict":3}}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:={\"error\":{\"code\":N,\"message\":\"Multimodal data provided, but model does not support multimodal \#
        requests.\",\"type\":\"invalid_request_error\"}}}
        ## native-errors/image-bad-base64
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"x","images":["***"]}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=illegal baseN data at input byte N}
        ## native-errors/chat-on-embed-model
        > POST /api/chat
        >b {"model":"tiny-embed","messages":[{"role":"user","content":"say hello to the world"}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=\"tiny-embed\" does not support chat}
        ## native-errors/generate-on-embed-model
        > POST /api/generate
        >b {"model":"tiny-embed","prompt":"x"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=\"tiny-embed\" does not support generate}
        ## native-errors/option-wrong-type
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"options":{"temperature":"hot\#
        "}}
        < 500 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=option \"temperature\" must be of type floatN}
        ## native-errors/top-logprobs-range
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"top_logprobs":21}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=top_logprobs must be between N and N}
        ## native-errors/local-suffix-absent
        > POST /api/chat
        >b {"model":"tiny:local","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options\#
        ":{"num_predict":2}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-errors/conflicting-source
        > POST /api/chat
        >b {"model":"tiny:local:cloud","messages":[{"role":"user","content":"say hello to the world"}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=use either :local or :cloud, not both: \"tiny:local:cloud\"}
        ## native-errors/trailing-data
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"x"}],"stream":false,"options":{"num_predict":2}}{"model\#
        ":"absent"}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## native-errors/duplicate-key-last-wins
        > POST /api/chat
        >b {"model":"tiny","model":"absent","messages":[{"role":"user","content":"x"}],"stream":false}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model 'absent' not found}
        ## native-errors/case-insensitive-key
        > POST /api/chat
        >b {"MODEL":"absent","messages":[{"role":"user","content":"x"}],"stream":false}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model 'absent' not found}
        """#

    static let embed = #"""
        ## embed/embed-string
        > POST /api/embed
        >b {"model":"tiny-embed","input":"hello world"}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,embeddings:[[#]],total_duration:#,load_duration:#,prompt_eval_count:#}
        ## embed/embed-array
        > POST /api/embed
        >b {"model":"tiny-embed","input":["hello","world again"]}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,embeddings:[[#]],total_duration:#,load_duration:#,prompt_eval_count:#}
        ## embed/embed-empty-array
        > POST /api/embed
        >b {"model":"tiny-embed","input":[]}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,embeddings:[]}
        ## embed/embed-no-input
        > POST /api/embed
        >b {"model":"tiny-embed"}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,embeddings:[]}
        ## embed/embed-empty-string
        > POST /api/embed
        >b {"model":"tiny-embed","input":""}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,embeddings:[]}
        ## embed/embed-number-input
        > POST /api/embed
        >b {"model":"tiny-embed","input":[1,2]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=invalid input type}
        ## embed/embed-dimensions
        > POST /api/embed
        >b {"model":"tiny-embed","input":"hello","dimensions":4}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,embeddings:[[#]],total_duration:#,load_duration:#,prompt_eval_count:#}
        ## embed/embed-truncated
        > POST /api/embed
        >b {"model":"tiny-embed","input":"%LONG%"}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,embeddings:[[#]],total_duration:#,load_duration:#,prompt_eval_count:#}
        ## embed/embed-truncate-false
        > POST /api/embed
        >b {"model":"tiny-embed","input":"%LONG%","truncate":false}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=the input length exceeds the context length}
        ## embed/embed-on-chat-model
        > POST /api/embed
        >b {"model":"tiny","input":"hello"}
        < 501 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=This server does not support embeddings. Start it with `--embeddings`}
        ## embed/embeddings-legacy
        > POST /api/embeddings
        >b {"model":"tiny-embed","prompt":"hello world"}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {embedding:[#]}
        ## embed/embeddings-legacy-too-long
        > POST /api/embeddings
        >b {"model":"tiny-embed","prompt":"%LONG%"}
        < 500 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=the input length exceeds the context length}
        ## embed/v1-embeddings
        > POST /v1/embeddings
        >b {"model":"tiny-embed","input":"hello world"}
        < 200 length
        <h Content-Type: application/json
        <b {object:=list,data:[{object:=embedding,embedding:[#],index:#}],model:$,usage:{prompt_tokens:#,total_tokens:#}\#
        } NL
        ## embed/v1-embeddings-base64
        > POST /v1/embeddings
        >b {"model":"tiny-embed","input":["a","b"],"encoding_format":"base64","dimensions":4}
        < 200 length
        <h Content-Type: application/json
        <b {object:=list,data:[{object:=embedding,embedding:$,index:#}],model:$,usage:{prompt_tokens:#,total_tokens:#}} \#
        NL
        ## embed/v1-embeddings-bad-format
        > POST /v1/embeddings
        >b {"model":"tiny-embed","input":"a","encoding_format":"hex"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:{message:=Invalid value for 'encoding_format' = hex. Supported values: ['float', 'baseN'].,type:=inval\#
        id_request_error,param:null,code:null}}
        ## embed/v1-embeddings-no-input
        > POST /v1/embeddings
        >b {"model":"tiny-embed"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:{message:=invalid input,type:=invalid_request_error,param:null,code:null}}
        ## embed/v1-embeddings-tokens
        > POST /v1/embeddings
        >b {"model":"tiny-embed","input":[1,2]}
        < 400 length
        <h Content-Type: application/json
        <b {error:{message:=invalid input type,type:=invalid_request_error,param:null,code:null}} NL
        ## embed/v1-embeddings-absent-model
        > POST /v1/embeddings
        >b {"model":"absent","input":"a"}
        < 404 length
        <h Content-Type: application/json
        <b {error:{message:=model \"absent\" not found, try pulling it first,type:=not_found_error,param:null,code:null}\#
        } NL
        ## embed/v1-embeddings-too-long
        > POST /v1/embeddings
        >b {"model":"tiny-embed","input":"%LONG%","dimensions":2}
        < 200 length
        <h Content-Type: application/json
        <b {object:=list,data:[{object:=embedding,embedding:[#],index:#}],model:$,usage:{prompt_tokens:#,total_tokens:#}\#
        } NL
        """#

    static let openai = #"""
        ## openai/chat
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":6}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$},finish_reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## openai/chat-stream
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":4,"stream":true}
        < 200 chunked 1,2
        <h Content-Type: text/event-stream
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        role:=assistant,content:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        content:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        },finish_reason:=stop}]}
        <b [DONE]
        ## openai/chat-stream-usage
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":4,"stream":true,\#
        "stream_options":{"include_usage":true}}
        < 200 chunked 1,3
        <h Content-Type: text/event-stream
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        role:=assistant,content:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        content:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        },finish_reason:=stop}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[],usage:{prompt_\#
        tokens:#,completion_tokens:#,total_tokens:#}}
        <b [DONE]
        ## openai/chat-max-completion-tokens
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"max_completion_tokens":2}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$},finish_reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## openai/chat-n-2
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":2,"n":2}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$},finish_reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## openai/chat-logprobs
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":2,"logprobs":tru\#
        e,"top_logprobs":1}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$},finish_reason:=stop,logprobs:{content:[{token:$,logprob:#,bytes:[#],top_logprobs:[{token:\#
        $,logprob:#,bytes:[#]}]}]}}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## openai/chat-json-object
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":12,"response_for\#
        mat":{"type":"json_object"}}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$},finish_reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## openai/chat-parts
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}\#
        ],"max_tokens":2}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$},finish_reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## openai/chat-image-url-http
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png\#
        "}}]}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:{message:=image URLs are not currently supported, please use baseN encoded data instead,type:=invalid_\#
        request_error,param:null,code:null}}
        ## openai/chat-null-content
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":null}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:{message:=invalid message content type: <nil>,type:=invalid_request_error,param:null,code:null}}
        ## openai/chat-empty-body
        > POST /v1/chat/completions
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:{message:=EOF,type:=invalid_request_error,param:null,code:null}}
        ## openai/chat-bad-json
        > POST /v1/chat/completions
        >b {"model":
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:{message:=unexpected EOF,type:=invalid_request_error,param:null,code:null}}
        ## openai/chat-no-messages
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:{message:=[] is too short - 'messages',type:=invalid_request_error,param:null,code:null}}
        ## openai/chat-no-model
        > POST /v1/chat/completions
        >b {"messages":[{"role":"user","content":"say hello to the world"}]}
        < 400 length
        <h Content-Type: application/json
        <b {error:{message:=model is required,type:=invalid_request_error,param:null,code:null}} NL
        ## openai/chat-absent-model
        > POST /v1/chat/completions
        >b {"model":"absent","messages":[{"role":"user","content":"say hello to the world"}]}
        < 404 length
        <h Content-Type: application/json
        <b {error:{message:=model 'absent' not found,type:=not_found_error,param:null,code:null}} NL
        ## openai/chat-absent-model-stream
        > POST /v1/chat/completions
        >b {"model":"absent","messages":[{"role":"user","content":"say hello to the world"}],"stream":true}
        < 404 length
        <h Content-Type: application/json
        <b {error:{message:=model 'absent' not found,type:=not_found_error,param:null,code:null}} NL
        ## openai/chat-tools-unsupported
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"tools":[{"type":"function","\#
        function":{"name":"f","parameters":{"type":"object","properties":{}}}}]}
        < 400 length
        <h Content-Type: application/json
        <b {error:{message:=registry.ollama.ai/library/tiny:latest does not support tools,type:=invalid_request_error,pa\#
        ram:null,code:null}} NL
        ## openai/chat-reasoning-unsupported
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"reasoning_effort":"high"}
        < 400 length
        <h Content-Type: application/json
        <b {error:{message:=\"tiny\" does not support thinking,type:=invalid_request_error,param:null,code:null}} NL
        ## openai/chat-reasoning-none
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":2,"reasoning_eff\#
        ort":"none"}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$},finish_reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## openai/chat-reasoning-bad
        > POST /v1/chat/completions
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"reasoning_effort":"bogus"}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:{message:=invalid reasoning value: \"bogus\" (must be \"minimal\", \"low\", \"medium\", \"high\", \"xh\#
        igh\", \"ultra\", \"max\", or \"none\"),type:=invalid_request_error,param:null,code:null}}
        ## openai/chat-embed-model
        > POST /v1/chat/completions
        >b {"model":"tiny-embed","messages":[{"role":"user","content":"say hello to the world"}]}
        < 400 length
        <h Content-Type: application/json
        <b {error:{message:=\"tiny-embed\" does not support chat,type:=invalid_request_error,param:null,code:null}} NL
        ## openai/chat-tools-model
        > POST /v1/chat/completions
        >b {"model":"tiny-go","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":4,"tools":[{"\#
        type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],"stream":true}
        < 200 chunked 1,2
        <h Content-Type: text/event-stream
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        role:=assistant,content:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        content:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        },finish_reason:=stop}]}
        <b [DONE]
        ## openai/completions
        > POST /v1/completions
        >b {"model":"tiny","prompt":"one","max_tokens":4}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=text_completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{text:$,index:#,finish\#
        _reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## openai/completions-stream-usage
        > POST /v1/completions
        >b {"model":"tiny","prompt":"one","max_tokens":3,"stream":true,"stream_options":{"include_usage":true}}
        < 200 chunked 1,3
        <h Content-Type: text/event-stream
        <b {id:$,object:=text_completion,created:#,choices:[{text:$,index:#,finish_reason:null}],model:$,system_fingerpr\#
        int:=fp_ollama,usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}}
        <b {id:$,object:=text_completion,created:#,choices:[{text:$,index:#,finish_reason:=stop}],model:$,system_fingerp\#
        rint:=fp_ollama,usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}}
        <b {id:$,object:=text_completion,created:#,choices:[],model:$,system_fingerprint:=fp_ollama,usage:{prompt_tokens\#
        :#,completion_tokens:#,total_tokens:#}}
        <b [DONE]
        ## openai/completions-stream
        > POST /v1/completions
        >b {"model":"tiny","prompt":"one","max_tokens":3,"stream":true}
        < 200 chunked 1,2
        <h Content-Type: text/event-stream
        <b {id:$,object:=text_completion,created:#,choices:[{text:$,index:#,finish_reason:null}],model:$,system_fingerpr\#
        int:=fp_ollama}
        <b {id:$,object:=text_completion,created:#,choices:[{text:$,index:#,finish_reason:=stop}],model:$,system_fingerp\#
        rint:=fp_ollama}
        <b [DONE]
        ## openai/completions-array-prompt
        > POST /v1/completions
        >b {"model":"tiny","prompt":["one"],"max_tokens":3}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:{message:=json: cannot unmarshal array into Go struct field CompletionRequest.prompt of type string,ty\#
        pe:=invalid_request_error,param:null,code:null}}
        ## openai/completions-absent
        > POST /v1/completions
        >b {"model":"absent","prompt":"one"}
        < 404 length
        <h Content-Type: application/json
        <b {error:{message:=model 'absent' not found,type:=not_found_error,param:null,code:null}} NL
        ## openai/responses
        > POST /v1/responses
        >b {"model":"tiny","input":"hello","max_output_tokens":4}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=response,created_at:#,completed_at:#,status:=completed,incomplete_details:null,model:$,previous\#
        _response_id:null,instructions:null,output:[{id:$,type:=message,status:=completed,role:=assistant,content:[{type\#
        :=output_text,text:$,annotations:[],logprobs:[]}]}],error:null,tools:[],tool_choice:=auto,truncation:=disabled,p\#
        arallel_tool_calls:true,text:{format:{type:=text}},top_p:#,presence_penalty:#,frequency_penalty:#,top_logprobs\#
        :#,temperature:#,reasoning:null,usage:{input_tokens:#,output_tokens:#,total_tokens:#,input_tokens_details:{cache\#
        d_tokens:#},output_tokens_details:{reasoning_tokens:#}},max_output_tokens:#,max_tool_calls:null,store:false,back\#
        ground:false,service_tier:=default,metadata:{},safety_identifier:null,prompt_cache_key:null} NL
        ## openai/responses-stream
        > POST /v1/responses
        >b {"model":"tiny","input":"hello","max_output_tokens":3,"stream":true}
        < 200 chunked 1
        <h Cache-Control: no-cache
        <h Content-Type: text/event-stream
        <b response.created {response:{background:false,completed_at:null,created_at:#,error:null,frequency_penalty:#,id\#
        :$,incomplete_details:null,instructions:null,max_output_tokens:#,max_tool_calls:null,metadata:{},model:$,object:\#
        =response,output:[],parallel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_key:null,\#
        reasoning:null,safety_identifier:null,service_tier:=default,status:=in_progress,store:false,temperature:#,text:{\#
        format:{type:=text}},tool_choice:=auto,tools:[],top_logprobs:#,top_p:#,truncation:=disabled,usage:null},sequence\#
        _number:#,type:=response.created}
        <b response.in_progress {response:{background:false,completed_at:null,created_at:#,error:null,frequency_penalty\#
        :#,id:$,incomplete_details:null,instructions:null,max_output_tokens:#,max_tool_calls:null,metadata:{},model:$,ob\#
        ject:=response,output:[],parallel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_key:\#
        null,reasoning:null,safety_identifier:null,service_tier:=default,status:=in_progress,store:false,temperature:#,t\#
        ext:{format:{type:=text}},tool_choice:=auto,tools:[],top_logprobs:#,top_p:#,truncation:=disabled,usage:null},seq\#
        uence_number:#,type:=response.in_progress}
        <b response.output_item.added {item:{content:[],id:$,role:=assistant,status:=in_progress,type:=message},output_i\#
        ndex:#,sequence_number:#,type:=response.output_item.added}
        <b response.content_part.added {content_index:#,item_id:$,output_index:#,part:{annotations:[],logprobs:[],text:$\#
        ,type:=output_text},sequence_number:#,type:=response.content_part.added}
        <b response.output_text.delta {content_index:#,delta:$,item_id:$,logprobs:[],output_index:#,sequence_number:#,ty\#
        pe:=response.output_text.delta}
        <b response.output_text.done {content_index:#,item_id:$,logprobs:[],output_index:#,sequence_number:#,text:$,type\#
        :=response.output_text.done}
        <b response.content_part.done {content_index:#,item_id:$,output_index:#,part:{annotations:[],logprobs:[],text:$,\#
        type:=output_text},sequence_number:#,type:=response.content_part.done}
        <b response.output_item.done {item:{content:[{annotations:[],logprobs:[],text:$,type:=output_text}],id:$,role:=a\#
        ssistant,status:=completed,type:=message},output_index:#,sequence_number:#,type:=response.output_item.done}
        <b response.completed {response:{background:false,completed_at:#,created_at:#,error:null,frequency_penalty:#,id:\#
        $,incomplete_details:null,instructions:null,max_output_tokens:#,max_tool_calls:null,metadata:{},model:$,object:=\#
        response,output:[{content:[{annotations:[],logprobs:[],text:$,type:=output_text}],id:$,role:=assistant,status:=c\#
        ompleted,type:=message}],parallel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_key:\#
        null,reasoning:null,safety_identifier:null,service_tier:=default,status:=completed,store:false,temperature:#,tex\#
        t:{format:{type:=text}},tool_choice:=auto,tools:[],top_logprobs:#,top_p:#,truncation:=disabled,usage:{input_toke\#
        ns:#,input_tokens_details:{cached_tokens:#},output_tokens:#,output_tokens_details:{reasoning_tokens:#},total_tok\#
        ens:#}},sequence_number:#,type:=response.completed}
        ## openai/responses-absent
        > POST /v1/responses
        >b {"model":"absent","input":"hello"}
        < 404 length
        <h Content-Type: application/json
        <b {error:{message:=model 'absent' not found,type:=not_found_error,param:null,code:null}} NL
        ## openai/responses-absent-stream
        > POST /v1/responses
        >b {"model":"absent","input":"hello","stream":true}
        < 404 length
        <h Cache-Control: no-cache
        <h Content-Type: application/json
        <b {error:{message:=model 'absent' not found,type:=not_found_error,param:null,code:null}} NL
        ## openai/responses-previous-id
        > POST /v1/responses
        >b {"model":"tiny","input":"hello","previous_response_id":"resp_1","max_output_tokens":2}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=response,created_at:#,completed_at:#,status:=completed,incomplete_details:null,model:$,previous\#
        _response_id:null,instructions:null,output:[{id:$,type:=message,status:=completed,role:=assistant,content:[{type\#
        :=output_text,text:$,annotations:[],logprobs:[]}]}],error:null,tools:[],tool_choice:=auto,truncation:=disabled,p\#
        arallel_tool_calls:true,text:{format:{type:=text}},top_p:#,presence_penalty:#,frequency_penalty:#,top_logprobs\#
        :#,temperature:#,reasoning:null,usage:{input_tokens:#,output_tokens:#,total_tokens:#,input_tokens_details:{cache\#
        d_tokens:#},output_tokens_details:{reasoning_tokens:#}},max_output_tokens:#,max_tool_calls:null,store:false,back\#
        ground:false,service_tier:=default,metadata:{},safety_identifier:null,prompt_cache_key:null} NL
        ## openai/responses-get
        > GET /v1/responses/resp_1
        < 404 length
        <h Content-Type: text/plain
        <b text 404 page not found
        """#

    static let anthropic = #"""
        ## anthropic/messages
        > POST /v1/messages
        >b {"model":"tiny","max_tokens":4,"messages":[{"role":"user","content":"say hello to the world"}]}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,type:=message,role:=assistant,model:$,content:[{type:=text,text:$}],stop_reason:=end_turn,usage:{input_\#
        tokens:#,output_tokens:#}} NL
        ## anthropic/messages-stream
        > POST /v1/messages
        >b {"model":"tiny","max_tokens":4,"messages":[{"role":"user","content":"say hello to the world"}],"stream":true}
        < 200 chunked 1
        <h Cache-Control: no-cache
        <h Content-Type: text/event-stream
        <b message_start {type:=message_start,message:{id:$,type:=message,role:=assistant,model:$,content:[],usage:{inpu\#
        t_tokens:#,output_tokens:#}}}
        <b content_block_start {type:=content_block_start,index:#,content_block:{type:=text,text:$}}
        <b content_block_delta {type:=content_block_delta,index:#,delta:{type:=text_delta,text:$}}
        <b content_block_stop {type:=content_block_stop,index:#}
        <b message_delta {type:=message_delta,delta:{stop_reason:=end_turn},usage:{input_tokens:#,output_tokens:#}}
        <b message_stop {type:=message_stop}
        ## anthropic/messages-system-blocks
        > POST /v1/messages
        >h anthropic-version: 2023-06-01
        >b {"model":"tiny","max_tokens":2,"system":[{"type":"text","text":"be brief"}],"messages":[{"role":"user","conte\#
        nt":[{"type":"text","text":"hi"}]}]}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,type:=message,role:=assistant,model:$,content:[{type:=text,text:$}],stop_reason:=end_turn,usage:{input_\#
        tokens:#,output_tokens:#}} NL
        ## anthropic/messages-no-max-tokens
        > POST /v1/messages
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {type:=error,error:{type:=invalid_request_error,message:=max_tokens is required and must be positive},request\#
        _id:$}
        ## anthropic/messages-no-model
        > POST /v1/messages
        >b {"max_tokens":4,"messages":[{"role":"user","content":"say hello to the world"}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {type:=error,error:{type:=invalid_request_error,message:=model is required},request_id:$}
        ## anthropic/messages-no-messages
        > POST /v1/messages
        >b {"model":"tiny","max_tokens":4,"messages":[]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {type:=error,error:{type:=invalid_request_error,message:=messages is required},request_id:$}
        ## anthropic/messages-bad-json
        > POST /v1/messages
        >b {
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {type:=error,error:{type:=invalid_request_error,message:=unexpected EOF},request_id:$}
        ## anthropic/messages-absent-model
        > POST /v1/messages
        >b {"model":"absent","max_tokens":4,"messages":[{"role":"user","content":"say hello to the world"}]}
        < 404 length
        <h Content-Type: application/json
        <b {type:=error,error:{type:=not_found_error,message:=model 'absent' not found},request_id:$} NL
        ## anthropic/messages-absent-model-stream
        > POST /v1/messages
        >b {"model":"absent","max_tokens":4,"messages":[{"role":"user","content":"say hello to the world"}],"stream":tru\#
        e}
        < 404 length
        <h Cache-Control: no-cache
        <h Content-Type: application/json
        <b {type:=error,error:{type:=not_found_error,message:=model 'absent' not found},request_id:$} NL
        ## anthropic/messages-thinking-relaxed
        > POST /v1/messages
        >b {"model":"tiny","max_tokens":2,"messages":[{"role":"user","content":"say hello to the world"}],"thinking":{"t\#
        ype":"enabled","budget_tokens":1024}}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,type:=message,role:=assistant,model:$,content:[{type:=text,text:$}],stop_reason:=end_turn,usage:{input_\#
        tokens:#,output_tokens:#}} NL
        ## anthropic/messages-tools-unsupported
        > POST /v1/messages
        >b {"model":"tiny","max_tokens":2,"messages":[{"role":"user","content":"say hello to the world"}],"tools":[{"nam\#
        e":"f","input_schema":{"type":"object","properties":{}}}]}
        < 400 length
        <h Content-Type: application/json
        <b {type:=error,error:{type:=invalid_request_error,message:=registry.ollama.ai/library/tiny:latest does not supp\#
        ort tools},request_id:$} NL
        ## anthropic/messages-image-url
        > POST /v1/messages
        >b {"model":"tiny","max_tokens":2,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","\#
        url":"https://x/y.png"}}]}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {type:=error,error:{type:=invalid_request_error,message:=invalid image source type: url. Only baseN images ar\#
        e supported.},request_id:$}
        ## anthropic/count-tokens
        > POST /v1/messages/count_tokens
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}]}
        < 404 length
        <h Content-Type: text/plain
        <b text 404 page not found
        ## anthropic/batches
        > POST /v1/messages/batches
        >b {"requests":[]}
        < 404 length
        <h Content-Type: text/plain
        <b text 404 page not found
        """#

    static let toolsAndThinking = #"""
        ## tools-and-thinking/native-tools-stream
        > POST /api/chat
        >b {"model":"chain-tools","messages":[{"role":"user","content":"weather in Oslo?"}],"tools":[{"type":"function",\#
        "function":{"name":"get_weather","description":"weather","parameters":{"type":"object","properties":{"city":{"ty\#
        pe":"string"}},"required":["city"]}}}]}
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,message:{role:=assistant,content:$,tool_calls:[{id:$,function:{index:#,name:=get_weathe\#
        r,arguments:{city:$}}}]},done:true,done_reason:=stop,total_duration:#,load_duration:#,prompt_eval_count:#,prompt\#
        _eval_duration:#,eval_count:#,eval_duration:#}
        ## tools-and-thinking/native-tools
        > POST /api/chat
        >b {"model":"chain-tools","messages":[{"role":"user","content":"weather in Oslo?"}],"tools":[{"type":"function",\#
        "function":{"name":"get_weather","description":"weather","parameters":{"type":"object","properties":{"city":{"ty\#
        pe":"string"}},"required":["city"]}}}],"stream":false}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$,tool_calls:[{id:$,function:{index:#,name:=get_weathe\#
        r,arguments:{city:$}}}]},done:true,done_reason:=stop,total_duration:#,load_duration:#,prompt_eval_count:#,prompt\#
        _eval_duration:#,eval_count:#,eval_duration:#}
        ## tools-and-thinking/native-tools-go-stream
        > POST /api/chat
        >b {"model":"chain-tools-go","messages":[{"role":"user","content":"weather in Oslo?"}],"tools":[{"type":"functio\#
        n","function":{"name":"get_weather","description":"weather","parameters":{"type":"object","properties":{"city":{\#
        "type":"string"}},"required":["city"]}}}]}
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,message:{role:=assistant,content:$,tool_calls:[{id:$,function:{index:#,name:=get_weathe\#
        r,arguments:{city:$}}}]},done:false}
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## tools-and-thinking/openai-tools-stream
        > POST /v1/chat/completions
        >b {"model":"chain-tools","messages":[{"role":"user","content":"weather in Oslo?"}],"tools":[{"type":"function",\#
        "function":{"name":"get_weather","description":"weather","parameters":{"type":"object","properties":{"city":{"ty\#
        pe":"string"}},"required":["city"]}}}],"stream":true,"stream_options":{"include_usage":true}}
        < 200 chunked 4
        <h Content-Type: text/event-stream
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        role:=assistant,content:$,tool_calls:[{id:$,index:#,type:=function,function:{name:=get_weather,arguments:$}}]},f\#
        inish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        },finish_reason:=tool_calls}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[],usage:{prompt_\#
        tokens:#,completion_tokens:#,total_tokens:#}}
        <b [DONE]
        ## tools-and-thinking/openai-tools
        > POST /v1/chat/completions
        >b {"model":"chain-tools","messages":[{"role":"user","content":"weather in Oslo?"}],"tools":[{"type":"function",\#
        "function":{"name":"get_weather","description":"weather","parameters":{"type":"object","properties":{"city":{"ty\#
        pe":"string"}},"required":["city"]}}}]}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$,tool_calls:[{id:$,index:#,type:=function,function:{name:=get_weather,arguments:$}}]},finis\#
        h_reason:=tool_calls}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## tools-and-thinking/openai-tools-go-stream
        > POST /v1/chat/completions
        >b {"model":"chain-tools-go","messages":[{"role":"user","content":"weather in Oslo?"}],"tools":[{"type":"functio\#
        n","function":{"name":"get_weather","description":"weather","parameters":{"type":"object","properties":{"city":{\#
        "type":"string"}},"required":["city"]}}}],"stream":true}
        < 200 chunked 1,2
        <h Content-Type: text/event-stream
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        role:=assistant,content:$,tool_calls:[{id:$,index:#,type:=function,function:{name:=get_weather,arguments:$}}]},f\#
        inish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        },finish_reason:=tool_calls}]}
        <b [DONE]
        ## tools-and-thinking/openai-tool-choice-none
        > POST /v1/chat/completions
        >b {"model":"chain-tools","messages":[{"role":"user","content":"weather in Oslo?"}],"tools":[{"type":"function",\#
        "function":{"name":"get_weather","description":"weather","parameters":{"type":"object","properties":{"city":{"ty\#
        pe":"string"}},"required":["city"]}}}],"tool_choice":"none"}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$,tool_calls:[{id:$,index:#,type:=function,function:{name:=get_weather,arguments:$}}]},finis\#
        h_reason:=tool_calls}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## tools-and-thinking/anthropic-tools-stream
        > POST /v1/messages
        >b {"model":"chain-tools","messages":[{"role":"user","content":"weather in Oslo?"}],"tools":[{"name":"get_weathe\#
        r","description":"weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["\#
        city"]}}],"max_tokens":50,"stream":true}
        < 200 chunked 1
        <h Cache-Control: no-cache
        <h Content-Type: text/event-stream
        <b message_start {type:=message_start,message:{id:$,type:=message,role:=assistant,model:$,content:[],usage:{inpu\#
        t_tokens:#,output_tokens:#}}}
        <b content_block_start {type:=content_block_start,index:#,content_block:{type:=tool_use,id:$,name:=get_weather,i\#
        nput:{}}}
        <b content_block_delta {type:=content_block_delta,index:#,delta:{type:=input_json_delta,partial_json:$}}
        <b content_block_stop {type:=content_block_stop,index:#}
        <b message_delta {type:=message_delta,delta:{stop_reason:=tool_use},usage:{input_tokens:#,output_tokens:#}}
        <b message_stop {type:=message_stop}
        ## tools-and-thinking/anthropic-tools
        > POST /v1/messages
        >b {"model":"chain-tools","messages":[{"role":"user","content":"weather in Oslo?"}],"tools":[{"name":"get_weathe\#
        r","description":"weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["\#
        city"]}}],"max_tokens":50}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,type:=message,role:=assistant,model:$,content:[{type:=tool_use,id:$,name:=get_weather,input:{city:$}}],\#
        stop_reason:=tool_use,usage:{input_tokens:#,output_tokens:#}} NL
        ## tools-and-thinking/responses-tools-stream
        > POST /v1/responses
        >b {"model":"chain-tools","input":"weather","tools":[{"type":"function","name":"get_weather","description":"weat\#
        her","strict":false,"parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}]\#
        ,"stream":true}
        < 200 chunked 1
        <h Cache-Control: no-cache
        <h Content-Type: text/event-stream
        <b response.created {response:{background:false,completed_at:null,created_at:#,error:null,frequency_penalty:#,id\#
        :$,incomplete_details:null,instructions:null,max_output_tokens:null,max_tool_calls:null,metadata:{},model:$,obje\#
        ct:=response,output:[],parallel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_key:nu\#
        ll,reasoning:null,safety_identifier:null,service_tier:=default,status:=in_progress,store:false,temperature:#,tex\#
        t:{format:{type:=text}},tool_choice:=auto,tools:[{description:$,name:=get_weather,parameters:{properties:{city:{\#
        type:=string}},required:[$],type:=object},strict:false,type:=function}],top_logprobs:#,top_p:#,truncation:=disab\#
        led,usage:null},sequence_number:#,type:=response.created}
        <b response.in_progress {response:{background:false,completed_at:null,created_at:#,error:null,frequency_penalty\#
        :#,id:$,incomplete_details:null,instructions:null,max_output_tokens:null,max_tool_calls:null,metadata:{},model:$\#
        ,object:=response,output:[],parallel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_k\#
        ey:null,reasoning:null,safety_identifier:null,service_tier:=default,status:=in_progress,store:false,temperature\#
        :#,text:{format:{type:=text}},tool_choice:=auto,tools:[{description:$,name:=get_weather,parameters:{properties:{\#
        city:{type:=string}},required:[$],type:=object},strict:false,type:=function}],top_logprobs:#,top_p:#,truncation:\#
        =disabled,usage:null},sequence_number:#,type:=response.in_progress}
        <b response.output_item.added {item:{arguments:$,call_id:$,id:$,name:=get_weather,status:=in_progress,type:=func\#
        tion_call},output_index:#,sequence_number:#,type:=response.output_item.added}
        <b response.function_call_arguments.delta {delta:$,item_id:$,output_index:#,sequence_number:#,type:=response.fun\#
        ction_call_arguments.delta}
        <b response.function_call_arguments.done {arguments:$,item_id:$,output_index:#,sequence_number:#,type:=response.\#
        function_call_arguments.done}
        <b response.output_item.done {item:{arguments:$,call_id:$,id:$,name:=get_weather,status:=completed,type:=functio\#
        n_call},output_index:#,sequence_number:#,type:=response.output_item.done}
        <b response.completed {response:{background:false,completed_at:#,created_at:#,error:null,frequency_penalty:#,id:\#
        $,incomplete_details:null,instructions:null,max_output_tokens:null,max_tool_calls:null,metadata:{},model:$,objec\#
        t:=response,output:[{arguments:$,call_id:$,id:$,name:=get_weather,status:=completed,type:=function_call}],parall\#
        el_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_key:null,reasoning:null,safety_iden\#
        tifier:null,service_tier:=default,status:=completed,store:false,temperature:#,text:{format:{type:=text}},tool_ch\#
        oice:=auto,tools:[{description:$,name:=get_weather,parameters:{properties:{city:{type:=string}},required:[$],typ\#
        e:=object},strict:false,type:=function}],top_logprobs:#,top_p:#,truncation:=disabled,usage:{input_tokens:#,input\#
        _tokens_details:{cached_tokens:#},output_tokens:#,output_tokens_details:{reasoning_tokens:#},total_tokens:#}},se\#
        quence_number:#,type:=response.completed}
        ## tools-and-thinking/responses-tools
        > POST /v1/responses
        >b {"model":"chain-tools","input":"weather","tools":[{"type":"function","name":"get_weather","description":"weat\#
        her","strict":false,"parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}]\#
        }
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=response,created_at:#,completed_at:#,status:=completed,incomplete_details:null,model:$,previous\#
        _response_id:null,instructions:null,output:[{id:$,type:=function_call,status:=completed,call_id:$,name:=get_weat\#
        her,arguments:$}],error:null,tools:[{type:=function,name:=get_weather,description:$,strict:false,parameters:{pro\#
        perties:{city:{type:=string}},required:[$],type:=object}}],tool_choice:=auto,truncation:=disabled,parallel_tool_\#
        calls:true,text:{format:{type:=text}},top_p:#,presence_penalty:#,frequency_penalty:#,top_logprobs:#,temperature\#
        :#,reasoning:null,usage:{input_tokens:#,output_tokens:#,total_tokens:#,input_tokens_details:{cached_tokens:#},ou\#
        tput_tokens_details:{reasoning_tokens:#}},max_output_tokens:null,max_tool_calls:null,store:false,background:fals\#
        e,service_tier:=default,metadata:{},safety_identifier:null,prompt_cache_key:null} NL
        ## tools-and-thinking/chain-think-default-stream
        > POST /api/chat
        >b {"model":"chain-think","messages":[{"role":"user","content":"weather in Oslo?"}]}
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,message:{role:=assistant,content:$,thinking:$},done:false}
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:false}
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## tools-and-thinking/chain-think-false
        > POST /api/chat
        >b {"model":"chain-think","messages":[{"role":"user","content":"weather in Oslo?"}],"think":false,"stream":false\#
        }
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## tools-and-thinking/chain-think-low
        > POST /api/chat
        >b {"model":"chain-think","messages":[{"role":"user","content":"weather in Oslo?"}],"think":"low","stream":false\#
        }
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$,thinking:$},done:true,done_reason:=stop,total_durati\#
        on:#,load_duration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## tools-and-thinking/chain-think-go-default-stream
        > POST /api/chat
        >b {"model":"chain-think-go","messages":[{"role":"user","content":"weather in Oslo?"}]}
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,message:{role:=assistant,content:$,thinking:$},done:false}
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:false}
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## tools-and-thinking/chain-think-go-low
        > POST /api/chat
        >b {"model":"chain-think-go","messages":[{"role":"user","content":"weather in Oslo?"}],"think":"low","stream":fa\#
        lse}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$,thinking:$},done:true,done_reason:=stop,total_durati\#
        on:#,load_duration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## tools-and-thinking/openai-think-stream
        > POST /v1/chat/completions
        >b {"model":"chain-think","messages":[{"role":"user","content":"weather in Oslo?"}],"stream":true}
        < 200 chunked 1,2
        <h Content-Type: text/event-stream
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        role:=assistant,content:$,reasoning:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        content:$,reasoning:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        content:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        },finish_reason:=stop}]}
        <b [DONE]
        ## tools-and-thinking/openai-think
        > POST /v1/chat/completions
        >b {"model":"chain-think","messages":[{"role":"user","content":"weather in Oslo?"}]}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$,reasoning:$},finish_reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens\#
        :#}} NL
        ## tools-and-thinking/anthropic-think-stream
        > POST /v1/messages
        >b {"model":"chain-think","messages":[{"role":"user","content":"weather in Oslo?"}],"max_tokens":50,"stream":tru\#
        e,"thinking":{"type":"enabled","budget_tokens":1024}}
        < 200 chunked 1
        <h Cache-Control: no-cache
        <h Content-Type: text/event-stream
        <b message_start {type:=message_start,message:{id:$,type:=message,role:=assistant,model:$,content:[],usage:{inpu\#
        t_tokens:#,output_tokens:#}}}
        <b content_block_start {type:=content_block_start,index:#,content_block:{type:=thinking,thinking:$}}
        <b content_block_delta {type:=content_block_delta,index:#,delta:{type:=thinking_delta,thinking:$}}
        <b content_block_stop {type:=content_block_stop,index:#}
        <b content_block_start {type:=content_block_start,index:#,content_block:{type:=text,text:$}}
        <b content_block_delta {type:=content_block_delta,index:#,delta:{type:=text_delta,text:$}}
        <b content_block_stop {type:=content_block_stop,index:#}
        <b message_delta {type:=message_delta,delta:{stop_reason:=end_turn},usage:{input_tokens:#,output_tokens:#}}
        <b message_stop {type:=message_stop}
        ## tools-and-thinking/anthropic-think
        > POST /v1/messages
        >b {"model":"chain-think","messages":[{"role":"user","content":"weather in Oslo?"}],"max_tokens":50}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,type:=message,role:=assistant,model:$,content:[{type:=thinking,thinking:$}|{type:=text,text:$}],stop_re\#
        ason:=end_turn,usage:{input_tokens:#,output_tokens:#}} NL
        ## tools-and-thinking/responses-think-stream
        > POST /v1/responses
        >b {"model":"chain-think","input":"x","stream":true}
        < 200 chunked 1
        <h Cache-Control: no-cache
        <h Content-Type: text/event-stream
        <b response.created {response:{background:false,completed_at:null,created_at:#,error:null,frequency_penalty:#,id\#
        :$,incomplete_details:null,instructions:null,max_output_tokens:null,max_tool_calls:null,metadata:{},model:$,obje\#
        ct:=response,output:[],parallel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_key:nu\#
        ll,reasoning:null,safety_identifier:null,service_tier:=default,status:=in_progress,store:false,temperature:#,tex\#
        t:{format:{type:=text}},tool_choice:=auto,tools:[],top_logprobs:#,top_p:#,truncation:=disabled,usage:null},seque\#
        nce_number:#,type:=response.created}
        <b response.in_progress {response:{background:false,completed_at:null,created_at:#,error:null,frequency_penalty\#
        :#,id:$,incomplete_details:null,instructions:null,max_output_tokens:null,max_tool_calls:null,metadata:{},model:$\#
        ,object:=response,output:[],parallel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_k\#
        ey:null,reasoning:null,safety_identifier:null,service_tier:=default,status:=in_progress,store:false,temperature\#
        :#,text:{format:{type:=text}},tool_choice:=auto,tools:[],top_logprobs:#,top_p:#,truncation:=disabled,usage:null}\#
        ,sequence_number:#,type:=response.in_progress}
        <b response.output_item.added {item:{id:$,summary:[],type:=reasoning},output_index:#,sequence_number:#,type:=res\#
        ponse.output_item.added}
        <b response.reasoning_summary_text.delta {delta:$,item_id:$,output_index:#,sequence_number:#,summary_index:#,typ\#
        e:=response.reasoning_summary_text.delta}
        <b response.reasoning_summary_text.done {item_id:$,output_index:#,sequence_number:#,summary_index:#,text:$,type:\#
        =response.reasoning_summary_text.done}
        <b response.output_item.done {item:{encrypted_content:$,id:$,summary:[{text:$,type:=summary_text}],type:=reasoni\#
        ng},output_index:#,sequence_number:#,type:=response.output_item.done}
        <b response.output_item.added {item:{content:[],id:$,role:=assistant,status:=in_progress,type:=message},output_i\#
        ndex:#,sequence_number:#,type:=response.output_item.added}
        <b response.content_part.added {content_index:#,item_id:$,output_index:#,part:{annotations:[],logprobs:[],text:$\#
        ,type:=output_text},sequence_number:#,type:=response.content_part.added}
        <b response.output_text.delta {content_index:#,delta:$,item_id:$,logprobs:[],output_index:#,sequence_number:#,ty\#
        pe:=response.output_text.delta}
        <b response.output_text.done {content_index:#,item_id:$,logprobs:[],output_index:#,sequence_number:#,text:$,type\#
        :=response.output_text.done}
        <b response.content_part.done {content_index:#,item_id:$,output_index:#,part:{annotations:[],logprobs:[],text:$,\#
        type:=output_text},sequence_number:#,type:=response.content_part.done}
        <b response.output_item.done {item:{content:[{annotations:[],logprobs:[],text:$,type:=output_text}],id:$,role:=a\#
        ssistant,status:=completed,type:=message},output_index:#,sequence_number:#,type:=response.output_item.done}
        <b response.completed {response:{background:false,completed_at:#,created_at:#,error:null,frequency_penalty:#,id:\#
        $,incomplete_details:null,instructions:null,max_output_tokens:null,max_tool_calls:null,metadata:{},model:$,objec\#
        t:=response,output:[{encrypted_content:$,id:$,summary:[{text:$,type:=summary_text}],type:=reasoning}|{content:[{\#
        annotations:[],logprobs:[],text:$,type:=output_text}],id:$,role:=assistant,status:=completed,type:=message}],par\#
        allel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_key:null,reasoning:null,safety_i\#
        dentifier:null,service_tier:=default,status:=completed,store:false,temperature:#,text:{format:{type:=text}},tool\#
        _choice:=auto,tools:[],top_logprobs:#,top_p:#,truncation:=disabled,usage:{input_tokens:#,input_tokens_details:{c\#
        ached_tokens:#},output_tokens:#,output_tokens_details:{reasoning_tokens:#},total_tokens:#}},sequence_number:#,ty\#
        pe:=response.completed}
        ## tools-and-thinking/responses-think
        > POST /v1/responses
        >b {"model":"chain-think","input":"x"}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=response,created_at:#,completed_at:#,status:=completed,incomplete_details:null,model:$,previous\#
        _response_id:null,instructions:null,output:[{id:$,type:=reasoning,summary:[{type:=summary_text,text:$}],encrypte\#
        d_content:$}|{id:$,type:=message,status:=completed,role:=assistant,content:[{type:=output_text,text:$,annotation\#
        s:[],logprobs:[]}]}],error:null,tools:[],tool_choice:=auto,truncation:=disabled,parallel_tool_calls:true,text:{f\#
        ormat:{type:=text}},top_p:#,presence_penalty:#,frequency_penalty:#,top_logprobs:#,temperature:#,reasoning:null,u\#
        sage:{input_tokens:#,output_tokens:#,total_tokens:#,input_tokens_details:{cached_tokens:#},output_tokens_details\#
        :{reasoning_tokens:#}},max_output_tokens:null,max_tool_calls:null,store:false,background:false,service_tier:=def\#
        ault,metadata:{},safety_identifier:null,prompt_cache_key:null} NL
        """#

    static let context = #"""
        ## context/go-template-too-long-default
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"%LONG%"}],"stream":false,"options":{"num_ctx":256,"num_\#
        predict":4}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## context/go-template-too-long-truncate-false
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"%LONG%"}],"stream":false,"truncate":false,"options":{"n\#
        um_ctx":256,"num_predict":4}}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:={\"error\":{\"code\":N,\"message\":\"request (N tokens) exceeds the available context size (N tokens)\#
        , try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":N,\"n_ctx\":N}}}
        ## context/go-template-too-long-shift-false
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"%LONG%"}],"stream":false,"shift":false,"options":{"num_\#
        ctx":256,"num_predict":4}}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=the prompt is longer than the context length currently available to the model; shorten the prompt, ad\#
        just the context length in settings, or use a model with a longer context length}
        ## context/go-template-too-long-shift-false-stream
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"%LONG%"}],"shift":false,"options":{"num_ctx":256,"num_p\#
        redict":4}}
        < 400 chunked
        <h Content-Type: application/json
        <b {error:=the prompt is longer than the context length currently available to the model; shorten the prompt, ad\#
        just the context length in settings, or use a model with a longer context length}
        ## context/go-template-history-dropped
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"message 0 the people may come"},{"role":"user","content\#
        ":"message 1 the people may come"},{"role":"user","content":"message 2 the people may come"},{"role":"user","con\#
        tent":"message 3 the people may come"},{"role":"user","content":"message 4 the people may come"},{"role":"user",\#
        "content":"message 5 the people may come"},{"role":"user","content":"message 6 the people may come"},{"role":"us\#
        er","content":"message 7 the people may come"},{"role":"user","content":"message 8 the people may come"},{"role"\#
        :"user","content":"message 9 the people may come"},{"role":"user","content":"message 10 the people may come"},{"\#
        role":"user","content":"message 11 the people may come"},{"role":"user","content":"message 12 the people may com\#
        e"},{"role":"user","content":"message 13 the people may come"},{"role":"user","content":"message 14 the people m\#
        ay come"},{"role":"user","content":"message 15 the people may come"},{"role":"user","content":"message 16 the pe\#
        ople may come"},{"role":"user","content":"message 17 the people may come"},{"role":"user","content":"message 18 \#
        the people may come"},{"role":"user","content":"message 19 the people may come"},{"role":"user","content":"messa\#
        ge 20 the people may come"},{"role":"user","content":"message 21 the people may come"},{"role":"user","content":\#
        "message 22 the people may come"},{"role":"user","content":"message 23 the people may come"},{"role":"user","con\#
        tent":"message 24 the people may come"},{"role":"user","content":"message 25 the people may come"},{"role":"user\#
        ","content":"message 26 the people may come"},{"role":"user","content":"message 27 the people may come"},{"role"\#
        :"user","content":"message 28 the people may come"},{"role":"user","content":"message 29 the people may come"},{\#
        "role":"user","content":"message 30 the people may come"},{"role":"user","content":"message 31 the people may co\#
        me"},{"role":"user","content":"message 32 the people may come"},{"role":"user","content":"message 33 the people \#
        may come"},{"role":"user","content":"message 34 the people may come"},{"role":"user","content":"message 35 the p\#
        eople may come"},{"role":"user","content":"message 36 the people may come"},{"role":"user","content":"message 37\#
         the people may come"},{"role":"user","content":"message 38 the people may come"},{"role":"user","content":"mess\#
        age 39 the people may come"},{"role":"user","content":"message 40 the people may come"},{"role":"user","content"\#
        :"message 41 the people may come"},{"role":"user","content":"message 42 the people may come"},{"role":"user","co\#
        ntent":"message 43 the people may come"},{"role":"user","content":"message 44 the people may come"},{"role":"use\#
        r","content":"message 45 the people may come"},{"role":"user","content":"message 46 the people may come"},{"role\#
        ":"user","content":"message 47 the people may come"},{"role":"user","content":"message 48 the people may come"},\#
        {"role":"user","content":"message 49 the people may come"},{"role":"user","content":"message 50 the people may c\#
        ome"},{"role":"user","content":"message 51 the people may come"},{"role":"user","content":"message 52 the people\#
         may come"},{"role":"user","content":"message 53 the people may come"},{"role":"user","content":"message 54 the \#
        people may come"},{"role":"user","content":"message 55 the people may come"},{"role":"user","content":"message 5\#
        6 the people may come"},{"role":"user","content":"message 57 the people may come"},{"role":"user","content":"mes\#
        sage 58 the people may come"},{"role":"user","content":"message 59 the people may come"}],"stream":false,"option\#
        s":{"num_ctx":256,"num_predict":4}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## context/go-template-shift-false-generation-fills-context
        > POST /api/chat
        >b {"model":"endless-go","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"shift":\#
        false,"options":{"num_ctx":64,"num_predict":500}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## context/chat-template-too-long-default
        > POST /api/chat
        >b {"model":"endless","messages":[{"role":"user","content":"%LONG%"}],"stream":false,"options":{"num_ctx":256,"n\#
        um_predict":4}}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:={\"error\":{\"code\":N,\"message\":\"request (N tokens) exceeds the available context size (N tokens)\#
        , try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":N,\"n_ctx\":N}}}
        ## context/chat-template-too-long-truncate-false
        > POST /api/chat
        >b {"model":"endless","messages":[{"role":"user","content":"%LONG%"}],"stream":false,"truncate":false,"options":\#
        {"num_ctx":256,"num_predict":4}}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:={\"error\":{\"code\":N,\"message\":\"request (N tokens) exceeds the available context size (N tokens)\#
        , try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":N,\"n_ctx\":N}}}
        ## context/chat-template-too-long-shift-false
        > POST /api/chat
        >b {"model":"endless","messages":[{"role":"user","content":"%LONG%"}],"stream":false,"shift":false,"options":{"n\#
        um_ctx":256,"num_predict":4}}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:={\"error\":{\"code\":N,\"message\":\"request (N tokens) exceeds the available context size (N tokens)\#
        , try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":N,\"n_ctx\":N}}}
        ## context/chat-template-too-long-shift-false-stream
        > POST /api/chat
        >b {"model":"endless","messages":[{"role":"user","content":"%LONG%"}],"shift":false,"options":{"num_ctx":256,"nu\#
        m_predict":4}}
        < 400 chunked
        <h Content-Type: application/json
        <b {error:={\"error\":{\"code\":N,\"message\":\"request (N tokens) exceeds the available context size (N tokens)\#
        , try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":N,\"n_ctx\":N}}}
        ## context/chat-template-history-dropped
        > POST /api/chat
        >b {"model":"endless","messages":[{"role":"user","content":"message 0 the people may come"},{"role":"user","cont\#
        ent":"message 1 the people may come"},{"role":"user","content":"message 2 the people may come"},{"role":"user","\#
        content":"message 3 the people may come"},{"role":"user","content":"message 4 the people may come"},{"role":"use\#
        r","content":"message 5 the people may come"},{"role":"user","content":"message 6 the people may come"},{"role":\#
        "user","content":"message 7 the people may come"},{"role":"user","content":"message 8 the people may come"},{"ro\#
        le":"user","content":"message 9 the people may come"},{"role":"user","content":"message 10 the people may come"}\#
        ,{"role":"user","content":"message 11 the people may come"},{"role":"user","content":"message 12 the people may \#
        come"},{"role":"user","content":"message 13 the people may come"},{"role":"user","content":"message 14 the peopl\#
        e may come"},{"role":"user","content":"message 15 the people may come"},{"role":"user","content":"message 16 the\#
         people may come"},{"role":"user","content":"message 17 the people may come"},{"role":"user","content":"message \#
        18 the people may come"},{"role":"user","content":"message 19 the people may come"},{"role":"user","content":"me\#
        ssage 20 the people may come"},{"role":"user","content":"message 21 the people may come"},{"role":"user","conten\#
        t":"message 22 the people may come"},{"role":"user","content":"message 23 the people may come"},{"role":"user","\#
        content":"message 24 the people may come"},{"role":"user","content":"message 25 the people may come"},{"role":"u\#
        ser","content":"message 26 the people may come"},{"role":"user","content":"message 27 the people may come"},{"ro\#
        le":"user","content":"message 28 the people may come"},{"role":"user","content":"message 29 the people may come"\#
        },{"role":"user","content":"message 30 the people may come"},{"role":"user","content":"message 31 the people may\#
         come"},{"role":"user","content":"message 32 the people may come"},{"role":"user","content":"message 33 the peop\#
        le may come"},{"role":"user","content":"message 34 the people may come"},{"role":"user","content":"message 35 th\#
        e people may come"},{"role":"user","content":"message 36 the people may come"},{"role":"user","content":"message\#
         37 the people may come"},{"role":"user","content":"message 38 the people may come"},{"role":"user","content":"m\#
        essage 39 the people may come"},{"role":"user","content":"message 40 the people may come"},{"role":"user","conte\#
        nt":"message 41 the people may come"},{"role":"user","content":"message 42 the people may come"},{"role":"user",\#
        "content":"message 43 the people may come"},{"role":"user","content":"message 44 the people may come"},{"role":"\#
        user","content":"message 45 the people may come"},{"role":"user","content":"message 46 the people may come"},{"r\#
        ole":"user","content":"message 47 the people may come"},{"role":"user","content":"message 48 the people may come\#
        "},{"role":"user","content":"message 49 the people may come"},{"role":"user","content":"message 50 the people ma\#
        y come"},{"role":"user","content":"message 51 the people may come"},{"role":"user","content":"message 52 the peo\#
        ple may come"},{"role":"user","content":"message 53 the people may come"},{"role":"user","content":"message 54 t\#
        he people may come"},{"role":"user","content":"message 55 the people may come"},{"role":"user","content":"messag\#
        e 56 the people may come"},{"role":"user","content":"message 57 the people may come"},{"role":"user","content":"\#
        message 58 the people may come"},{"role":"user","content":"message 59 the people may come"}],"stream":false,"opt\#
        ions":{"num_ctx":256,"num_predict":4}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## context/chat-template-shift-false-generation-fills-context
        > POST /api/chat
        >b {"model":"endless","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"shift":fal\#
        se,"options":{"num_ctx":64,"num_predict":500}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## context/openai-too-long
        > POST /v1/chat/completions
        >b {"model":"endless","messages":[{"role":"user","content":"%LONG%"}],"max_tokens":3}
        < 400 length
        <h Content-Type: application/json
        <b {error:{message:={\"error\":{\"code\":N,\"message\":\"request (N tokens) exceeds the available context size (\#
        N tokens), try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":N,\"n_ctx\":N}},type:=\#
        invalid_request_error,param:null,code:null}} NL
        ## context/num-predict-0-native
        > POST /api/chat
        >b {"model":"endless","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{\#
        "num_predict":0}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## context/reload-same-options
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":1}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## context/reload-other-num-ctx
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":1,"num_ctx":512}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## context/ps-after-num-ctx
        > GET /api/ps
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {models:[{name:$,model:$,size:#,digest:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_siz\#
        e:$,quantization_level:$},expires_at:$,size_vram:#,context_length:#}]}
        ## context/reload-shift-false
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"shift":false,\#
        "options":{"num_predict":1,"num_ctx":512}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        """#

    static let failures = #"""
        ## failures/runner-killed-stream
        > POST /api/chat
        >h x-simulated-fault: runner-dies-after=5
        >b {"model":"slow","messages":[{"role":"user","content":"say hello to the world"}],"options":{"num_predict":300}\#
        }
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:false}
        <b {error:=an error was encountered while running the model: unexpected EOF}
        ## failures/runner-killed-nonstream
        > POST /api/chat
        >h x-simulated-fault: runner-dies-after=5
        >b {"model":"slow","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":300}}
        < 500 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=an error was encountered while running the model: unexpected EOF}
        ## failures/runner-killed-generate-stream
        > POST /api/generate
        >h x-simulated-fault: runner-dies-after=5
        >b {"model":"slow","prompt":"x","options":{"num_predict":300}}
        < 200 chunked 1
        <h Content-Type: application/x-ndjson
        <b {model:$,created_at:$,response:$,done:false}
        <b {error:=an error was encountered while running the model: unexpected EOF}
        ## failures/runner-killed-openai-stream
        > POST /v1/chat/completions
        >h x-simulated-fault: runner-dies-after=5
        >b {"model":"slow","messages":[{"role":"user","content":"say hello to the world"}],"stream":true,"max_tokens":30\#
        0}
        < 200 chunked 1
        <h Content-Type: text/event-stream
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        role:=assistant,content:$},finish_reason:null}]}
        <b {id:$,object:=chat.completion.chunk,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,delta:{\#
        content:$},finish_reason:null}]}
        ## failures/runner-killed-openai-nonstream
        > POST /v1/chat/completions
        >h x-simulated-fault: runner-dies-after=5
        >b {"model":"slow","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":300}
        < 500 length
        <h Content-Type: application/json
        <b {error:{message:=an error was encountered while running the model: unexpected EOF,type:=api_error,param:null,\#
        code:null}} NL
        ## failures/runner-killed-completions-stream
        > POST /v1/completions
        >h x-simulated-fault: runner-dies-after=5
        >b {"model":"slow","prompt":"x","stream":true,"max_tokens":300}
        < 200 chunked 1
        <h Content-Type: text/event-stream
        <b {id:$,object:=text_completion,created:#,choices:[{text:$,index:#,finish_reason:null}],model:$,system_fingerpr\#
        int:=fp_ollama}
        ## failures/runner-killed-anthropic-stream
        > POST /v1/messages
        >h x-simulated-fault: runner-dies-after=5
        >b {"model":"slow","messages":[{"role":"user","content":"say hello to the world"}],"stream":true,"max_tokens":30\#
        0}
        < 200 chunked 1
        <h Cache-Control: no-cache
        <h Content-Type: text/event-stream
        <b message_start {type:=message_start,message:{id:$,type:=message,role:=assistant,model:$,content:[],usage:{inpu\#
        t_tokens:#,output_tokens:#}}}
        <b content_block_start {type:=content_block_start,index:#,content_block:{type:=text,text:$}}
        <b content_block_delta {type:=content_block_delta,index:#,delta:{type:=text_delta,text:$}}
        ## failures/runner-killed-responses-stream
        > POST /v1/responses
        >h x-simulated-fault: runner-dies-after=5
        >b {"model":"slow","input":"x","stream":true,"max_output_tokens":300}
        < 200 chunked 1
        <h Cache-Control: no-cache
        <h Content-Type: text/event-stream
        <b response.created {response:{background:false,completed_at:null,created_at:#,error:null,frequency_penalty:#,id\#
        :$,incomplete_details:null,instructions:null,max_output_tokens:#,max_tool_calls:null,metadata:{},model:$,object:\#
        =response,output:[],parallel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_key:null,\#
        reasoning:null,safety_identifier:null,service_tier:=default,status:=in_progress,store:false,temperature:#,text:{\#
        format:{type:=text}},tool_choice:=auto,tools:[],top_logprobs:#,top_p:#,truncation:=disabled,usage:null},sequence\#
        _number:#,type:=response.created}
        <b response.in_progress {response:{background:false,completed_at:null,created_at:#,error:null,frequency_penalty\#
        :#,id:$,incomplete_details:null,instructions:null,max_output_tokens:#,max_tool_calls:null,metadata:{},model:$,ob\#
        ject:=response,output:[],parallel_tool_calls:true,presence_penalty:#,previous_response_id:null,prompt_cache_key:\#
        null,reasoning:null,safety_identifier:null,service_tier:=default,status:=in_progress,store:false,temperature:#,t\#
        ext:{format:{type:=text}},tool_choice:=auto,tools:[],top_logprobs:#,top_p:#,truncation:=disabled,usage:null},seq\#
        uence_number:#,type:=response.in_progress}
        <b response.output_item.added {item:{content:[],id:$,role:=assistant,status:=in_progress,type:=message},output_i\#
        ndex:#,sequence_number:#,type:=response.output_item.added}
        <b response.content_part.added {content_index:#,item_id:$,output_index:#,part:{annotations:[],logprobs:[],text:$\#
        ,type:=output_text},sequence_number:#,type:=response.content_part.added}
        <b response.output_text.delta {content_index:#,delta:$,item_id:$,logprobs:[],output_index:#,sequence_number:#,ty\#
        pe:=response.output_text.delta}
        ## failures/runner-dead-when-idle
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":2}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## failures/load-failure-native-stream
        > POST /api/chat
        >b {"model":"damaged","messages":[{"role":"user","content":"say hello to the world"}]}
        < 500 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=llama-server process has terminated: exit status N: error loading model: check_tensor_dims: tensor 'b\#
        lk.N.ffn_down.weight' not found\nerror loading model: check_tensor_dims: tensor 'blk.N.ffn_down.weight' not foun\#
        d}
        ## failures/load-failure-native-nonstream
        > POST /api/chat
        >b {"model":"damaged","messages":[{"role":"user","content":"say hello to the world"}],"stream":false}
        < 500 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=llama-server process has terminated: exit status N: error loading model: check_tensor_dims: tensor 'b\#
        lk.N.ffn_down.weight' not found\nerror loading model: check_tensor_dims: tensor 'blk.N.ffn_down.weight' not foun\#
        d}
        ## failures/load-failure-anthropic
        > POST /v1/messages
        >b {"model":"damaged","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":3,"stream":tr\#
        ue}
        < 500 length
        <h Cache-Control: no-cache
        <h Content-Type: application/json
        <b {type:=error,error:{type:=api_error,message:=llama-server process has terminated: exit status N: error loadin\#
        g model: check_tensor_dims: tensor 'blk.N.ffn_down.weight' not found\nerror loading model: check_tensor_dims: te\#
        nsor 'blk.N.ffn_down.weight' not found},request_id:$} NL
        ## failures/load-failure-embed
        > POST /api/embed
        >b {"model":"damaged","input":"x"}
        < 500 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=llama-server process has terminated: exit status N: error loading model: check_tensor_dims: tensor 'b\#
        lk.N.ffn_down.weight' not found\nerror loading model: check_tensor_dims: tensor 'blk.N.ffn_down.weight' not foun\#
        d}
        """#

    static let more = #"""
        ## more/local-suffix-openai
        > POST /v1/chat/completions
        >b {"model":"tiny:local","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":2}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$},finish_reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## more/local-suffix-anthropic
        > POST /v1/messages
        >b {"model":"tiny:latest:local","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":2}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,type:=message,role:=assistant,model:$,content:[{type:=text,text:$}],stop_reason:=end_turn,usage:{input_\#
        tokens:#,output_tokens:#}} NL
        ## more/local-suffix-responses
        > POST /v1/responses
        >b {"model":"tiny:local","input":"x","max_output_tokens":2}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=response,created_at:#,completed_at:#,status:=completed,incomplete_details:null,model:$,previous\#
        _response_id:null,instructions:null,output:[{id:$,type:=message,status:=completed,role:=assistant,content:[{type\#
        :=output_text,text:$,annotations:[],logprobs:[]}]}],error:null,tools:[],tool_choice:=auto,truncation:=disabled,p\#
        arallel_tool_calls:true,text:{format:{type:=text}},top_p:#,presence_penalty:#,frequency_penalty:#,top_logprobs\#
        :#,temperature:#,reasoning:null,usage:{input_tokens:#,output_tokens:#,total_tokens:#,input_tokens_details:{cache\#
        d_tokens:#},output_tokens_details:{reasoning_tokens:#}},max_output_tokens:#,max_tool_calls:null,store:false,back\#
        ground:false,service_tier:=default,metadata:{},safety_identifier:null,prompt_cache_key:null} NL
        ## more/local-suffix-v1-embeddings
        > POST /v1/embeddings
        >b {"model":"tiny-embed:local","input":"x","dimensions":2}
        < 200 length
        <h Content-Type: application/json
        <b {object:=list,data:[{object:=embedding,embedding:[#],index:#}],model:$,usage:{prompt_tokens:#,total_tokens:#}\#
        } NL
        ## more/local-suffix-embed
        > POST /api/embed
        >b {"model":"tiny-embed:local","input":"x","dimensions":2}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,embeddings:[[#]],total_duration:#,load_duration:#,prompt_eval_count:#}
        ## more/local-suffix-generate
        > POST /api/generate
        >b {"model":"tiny:latest:local","prompt":"x","stream":false,"options":{"num_predict":2}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,response:$,done:true,done_reason:=stop,context:[#],total_duration:#,load_duration:#,pro\#
        mpt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## more/local-suffix-embeddings
        > POST /api/embeddings
        >b {"model":"tiny-embed:local","prompt":"x"}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {embedding:[#]}
        ## more/local-suffix-show
        > POST /api/show
        >b {"model":"tiny:local"}
        < 200 chunked
        <h Content-Type: application/json; charset=utf-8
        <b {modelfile:$,parameters:$,template:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_size:$,\#
        quantization_level:$},model_info:*,tensors:*,capabilities:[$],modified_at:$}
        ## more/local-suffix-v1-model
        > GET /v1/models/tiny:local
        < 200 length
        <h Content-Type: application/json
        <b {id:$,object:=model,created:#,owned_by:=library} NL
        ## more/local-suffix-upper
        > POST /api/chat
        >b {"model":"tiny:LOCAL","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options\#
        ":{"num_predict":1}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## more/slow-reader-left
        > POST /api/chat
        >b {"model":"endless","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{\#
        "num_predict":1}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## more/lost-slot-ps
        > GET /api/ps
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {models:[{name:$,model:$,size:#,digest:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_siz\#
        e:$,quantization_level:$},expires_at:$,size_vram:#,context_length:#}]}
        ## more/lost-slot-other-model
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{"nu\#
        m_predict":1}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        ## more/lost-slot-unload
        > POST /api/chat
        >b {"model":"endless","messages":[],"keep_alive":0}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=unload}
        ## more/lost-slot-after-unload
        > POST /api/chat
        >b {"model":"endless","messages":[{"role":"user","content":"say hello to the world"}],"stream":false,"options":{\#
        "num_predict":1}}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {model:$,created_at:$,message:{role:=assistant,content:$},done:true,done_reason:=stop,total_duration:#,load_d\#
        uration:#,prompt_eval_count:#,prompt_eval_duration:#,eval_count:#,eval_duration:#}
        """#

    static let cloudOff = #"""
        ## cloud-off/startup
        > GET /api/status
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {cloud:{disabled:true,source:=env}}
        ## cloud-off/chat-cloud-tag
        > POST /api/chat
        >b {"model":"no-such-model:cloud","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-cloud-suffix
        > POST /api/chat
        >b {"model":"no-such-model:120b-cloud","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":fals\#
        e}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-cloud-upper
        > POST /api/chat
        >b {"model":"no-such-model:CLOUD","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-cloud-spaces
        > POST /api/chat
        >b {"model":"  no-such-model: cloud ","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false\#
        }
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-cloud-existing-local-name
        > POST /api/chat
        >b {"model":"tiny:cloud","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-cloud-key-case
        > POST /api/chat
        >b {"MODEL": "no-such-model:cloud", "messages": [{"role": "user", "content": "SECRET-PROMPT-TEXT"}], "stream": f\#
        alse}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-cloud-second-key
        > POST /api/chat
        >b {"model":"tiny","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false,"Model":"no-such-m\#
        odel:cloud"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-cloud-unicode-key
        > POST /api/chat
        >b {"mod\u0065l":"no-such-model:clou\u0064","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream"\#
        :false}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-name-with-dash-cloud-no-tag
        > POST /api/chat
        >b {"model":"no-such-cloud","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model 'no-such-cloud' not found}
        ## cloud-off/generate-cloud
        > POST /api/generate
        >b {"model":"no-such-model:cloud","prompt":"SECRET-PROMPT-TEXT","stream":false}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/embed-cloud
        > POST /api/embed
        >b {"model":"no-such-model:cloud","input":"SECRET-PROMPT-TEXT"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/embeddings-cloud
        > POST /api/embeddings
        >b {"model":"no-such-model:cloud","prompt":"SECRET-PROMPT-TEXT"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/show-cloud
        > POST /api/show
        >b {"model":"no-such-model:cloud"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model details are unavailable}
        ## cloud-off/openai-chat-cloud
        > POST /v1/chat/completions
        >b {"model":"no-such-model:cloud","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"user":"alice"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/openai-chat-cloud-key-case
        > POST /v1/chat/completions
        >b {"Model": "no-such-model:cloud", "messages": [{"role": "user", "content": "SECRET-PROMPT-TEXT"}]}
        < 403 length
        <h Content-Type: application/json
        <b {error:{message:=ollama cloud is disabled: remote model is unavailable,type:=api_error,param:null,code:null}}\#
         NL
        ## cloud-off/openai-completions-cloud
        > POST /v1/completions
        >b {"model":"no-such-model:cloud","prompt":"SECRET-PROMPT-TEXT"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/openai-embeddings-cloud
        > POST /v1/embeddings
        >b {"model":"no-such-model:cloud","input":"SECRET-PROMPT-TEXT"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/openai-responses-cloud
        > POST /v1/responses
        >b {"model":"no-such-model:cloud","input":"SECRET-PROMPT-TEXT"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/openai-model-cloud
        > GET /v1/models/no-such-model:cloud
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model details are unavailable}
        ## cloud-off/anthropic-cloud
        > POST /v1/messages
        >b {"model":"no-such-model:cloud","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"max_tokens":9}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/anthropic-cloud-query
        > POST /v1/messages?beta=true&note=abc
        >b {"model":"no-such-model:cloud","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"max_tokens":9}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/web-search-endpoint
        > POST /api/experimental/web_search
        >b {"query":"SECRET-PROMPT-TEXT"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: web search is unavailable}
        ## cloud-off/web-fetch-endpoint
        > POST /api/experimental/web_fetch
        >b {"url":"https://example.com/?q=SECRET-PROMPT-TEXT"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: web fetch is unavailable}
        ## cloud-off/anthropic-web-search-tool-LOCAL-model
        > POST /v1/messages
        >b {"model":"chain-search","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"max_tokens":60,"tools":[\#
        {"type":"web_search_20250305","name":"web_search"}]}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,type:=message,role:=assistant,model:$,content:[{type:=server_tool_use,id:$,name:=web_search,input:{quer\#
        y:$}}|{type:=web_search_tool_result,tool_use_id:$,content:{type:=web_search_tool_result_error,error_code:=unavai\#
        lable}}],stop_reason:=end_turn,usage:{input_tokens:#,output_tokens:#}} NL
        ## cloud-off/responses-web-search-tool-LOCAL-model
        > POST /v1/responses
        >b {"model":"chain-search","input":"SECRET-PROMPT-TEXT","tools":[{"type":"web_search"}]}
        < 403 length
        <h Content-Type: application/json
        <b {error:{message:=ollama cloud is disabled: web search is unavailable,type:=api_error,param:null,code:null}} N\#
        L
        ## cloud-off/show-alias
        > POST /api/show
        >b {"model":"innocent"}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model details are unavailable}
        ## cloud-off/chat-alias
        > POST /api/chat
        >b {"model":"innocent","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-alias-stream
        > POST /api/chat
        >b {"model":"innocent","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}]}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/chat-alias-local-suffix
        > POST /api/chat
        >b {"model":"innocent:local","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model 'innocent:local' not found}
        ## cloud-off/generate-alias
        > POST /api/generate
        >b {"model":"innocent","prompt":"SECRET-PROMPT-TEXT","stream":false}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/openai-alias
        > POST /v1/chat/completions
        >b {"model":"innocent","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}]}
        < 403 length
        <h Content-Type: application/json
        <b {error:{message:=ollama cloud is disabled: remote model is unavailable,type:=api_error,param:null,code:null}}\#
         NL
        ## cloud-off/anthropic-alias
        > POST /v1/messages
        >b {"model":"innocent","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"max_tokens":9}
        < 403 length
        <h Content-Type: application/json
        <b {type:=error,error:{type:=permission_error,message:=ollama cloud is disabled: remote model is unavailable},re\#
        quest_id:$} NL
        ## cloud-off/responses-alias
        > POST /v1/responses
        >b {"model":"innocent","input":"SECRET-PROMPT-TEXT"}
        < 403 length
        <h Content-Type: application/json
        <b {error:{message:=ollama cloud is disabled: remote model is unavailable,type:=api_error,param:null,code:null}}\#
         NL
        ## cloud-off/completions-alias
        > POST /v1/completions
        >b {"model":"innocent","prompt":"SECRET-PROMPT-TEXT"}
        < 403 length
        <h Content-Type: application/json
        <b {error:{message:=ollama cloud is disabled: remote model is unavailable,type:=api_error,param:null,code:null}}\#
         NL
        ## cloud-off/embed-alias
        > POST /api/embed
        >b {"model":"innocent","input":"SECRET-PROMPT-TEXT"}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model \"innocent\" not found, try pulling it first}
        ## cloud-off/chat-alias-copy
        > POST /api/chat
        >b {"model":"local-looking","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false}
        < 403 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=ollama cloud is disabled: remote model is unavailable}
        ## cloud-off/ps-with-aliases
        > GET /api/ps
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {models:[{name:$,model:$,size:#,digest:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_siz\#
        e:$,quantization_level:$},expires_at:$,size_vram:#,context_length:#}]}
        """#

    static let cloudOn = #"""
        ## cloud-on/startup
        > GET /api/status
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {cloud:{disabled:false,source:=none}}
        ## cloud-on/chat-name-with-dash-cloud-no-tag
        > POST /api/chat
        >b {"model":"no-such-cloud","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model 'no-such-cloud' not found}
        ## cloud-on/anthropic-web-search-tool-LOCAL-model
        > POST /v1/messages
        >b {"model":"chain-search","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"max_tokens":60,"tools":[\#
        {"type":"web_search_20250305","name":"web_search"}]}
        < 200 length
        <h Content-Type: application/json
        <b {id:$,type:=message,role:=assistant,model:$,content:[{type:=server_tool_use,id:$,name:=web_search,input:{quer\#
        y:$}}|{type:=web_search_tool_result,tool_use_id:$,content:{type:=web_search_tool_result_error,error_code:=unavai\#
        lable}}],stop_reason:=end_turn,usage:{input_tokens:#,output_tokens:#}} NL
        ## cloud-on/show-alias
        > POST /api/show
        >b {"model":"innocent"}
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {modelfile:$,template:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_size:$,quantization_\#
        level:$},remote_model:$,remote_host:$,model_info:*,capabilities:[$],modified_at:$}
        ## cloud-on/v1-models-with-aliases
        > GET /v1/models
        < 200 length
        <h Content-Type: application/json
        <b {object:=list,data:[{id:$,object:=model,created:#,owned_by:=library}]} NL
        ## cloud-on/chat-alias-local-suffix
        > POST /api/chat
        >b {"model":"innocent:local","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"stream":false}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model 'innocent:local' not found}
        ## cloud-on/openai-alias
        > POST /v1/chat/completions
        >b {"model":"innocent","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}]}
        < 200 chunked
        <h Content-Type: application/json
        <b {id:$,object:=chat.completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{index:#,message:{role\#
        :=assistant,content:$},finish_reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## cloud-on/anthropic-alias
        > POST /v1/messages
        >b {"model":"innocent","messages":[{"role":"user","content":"SECRET-PROMPT-TEXT"}],"max_tokens":9}
        < 200 chunked
        <h Content-Type: application/json
        <b {id:$,type:=message,role:=assistant,model:$,content:[{type:=text,text:$}],stop_reason:=end_turn,usage:{input_\#
        tokens:#,output_tokens:#}} NL
        ## cloud-on/responses-alias
        > POST /v1/responses
        >b {"model":"innocent","input":"SECRET-PROMPT-TEXT"}
        < 200 chunked
        <h Content-Type: application/json
        <b {id:$,object:=response,created_at:#,completed_at:#,status:=completed,incomplete_details:null,model:$,previous\#
        _response_id:null,instructions:null,output:[{id:$,type:=message,status:=completed,role:=assistant,content:[{type\#
        :=output_text,text:$,annotations:[],logprobs:[]}]}],error:null,tools:[],tool_choice:=auto,truncation:=disabled,p\#
        arallel_tool_calls:true,text:{format:{type:=text}},top_p:#,presence_penalty:#,frequency_penalty:#,top_logprobs\#
        :#,temperature:#,reasoning:null,usage:{input_tokens:#,output_tokens:#,total_tokens:#,input_tokens_details:{cache\#
        d_tokens:#},output_tokens_details:{reasoning_tokens:#}},max_output_tokens:null,max_tool_calls:null,store:false,b\#
        ackground:false,service_tier:=default,metadata:{},safety_identifier:null,prompt_cache_key:null} NL
        ## cloud-on/completions-alias
        > POST /v1/completions
        >b {"model":"innocent","prompt":"SECRET-PROMPT-TEXT"}
        < 200 chunked
        <h Content-Type: application/json
        <b {id:$,object:=text_completion,created:#,model:$,system_fingerprint:=fp_ollama,choices:[{text:$,index:#,finish\#
        _reason:=stop}],usage:{prompt_tokens:#,completion_tokens:#,total_tokens:#}} NL
        ## cloud-on/embed-alias
        > POST /api/embed
        >b {"model":"innocent","input":"SECRET-PROMPT-TEXT"}
        < 404 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=model \"innocent\" not found, try pulling it first}
        ## cloud-on/ps-with-aliases
        > GET /api/ps
        < 200 length
        <h Content-Type: application/json; charset=utf-8
        <b {models:[{name:$,model:$,size:#,digest:$,details:{parent_model:$,format:$,family:$,families:[$],parameter_siz\#
        e:$,quantization_level:$},expires_at:$,size_vram:#,context_length:#}]}
        """#

    static let cloudErrors = #"""
        ## cloud-errors/alias-host-not-in-OLLAMA_REMOTES
        > POST /api/chat
        >b {"model":"innocent","messages":[{"role":"user","content":"say hello to the world"}]}
        < 400 length
        <h Content-Type: application/json; charset=utf-8
        <b {error:=this server cannot run this remote model}
        ## cloud-errors/alias-host-not-in-OLLAMA_REMOTES-anthropic
        > POST /v1/messages
        >b {"model":"innocent","messages":[{"role":"user","content":"say hello to the world"}],"max_tokens":3}
        < 400 length
        <h Content-Type: application/json
        <b {type:=error,error:{type:=invalid_request_error,message:=this server cannot run this remote model},request_id\#
        :$} NL
        """#
}
