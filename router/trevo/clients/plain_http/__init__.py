"""
Plain HTTP/1.1 to internal addresses, in the steps of a request:

    address.py          which addresses are asked this way
    request.py          a request as bytes
    pool.py             a kept connection, or a turn to make one
    connect.py          a new one: the name looked up, all its addresses tried
    connection.py       one request at a time, and its answer
    answer_reader.py    bytes as they come → an answer
"""
