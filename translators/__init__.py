"""Translation between OpenAI's API and Bedrock's, without any I/O.

Each OpenAI path has its module: /v1/chat/completions is `chat`, /v1/models is `models`. They share the
two vocabularies (`openai`, `converse`), the check on what clients send (`shapes`, by `constraints`), the
framing of Bedrock's streams (`eventstream`), what a model may do differently (`departures`) and which family
does (`quirks`, by `model_ids`), and what can go wrong (`errors`, and AWS's of it `aws_errors`).
"""
