"""POST /v1/chat/completions, as Bedrock's Converse and ConverseStream.

There:  plan(request)              request -> fields, messages, tools, output -> Plan
        repair.learn, apply        what a refusal teaches about a model
Back:   chat_completion(response)  a whole answer
        ChatStream.receive(frame)  a streamed answer, frame by frame
        choices                    several of either, as one
"""

from translators.chat.request import Plan, plan
from translators.chat.response import chat_completion
from translators.chat.stream import ChatStream

__all__ = ["ChatStream", "Plan", "chat_completion", "plan"]
