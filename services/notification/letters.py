"""What is written in a letter: codes and periods only. Who wants to know more signs in."""

WORDS = {
    "CELL_CLASSIFIED": (
        "[{about}] Xếp loại năm {period} | Classified for {period}",
        "Tổ chức đảng {about} đã được xếp loại năm {period}. Xem mức xếp loại và lý do trong hệ thống.\n\n"
        "{about} has been classified for {period}. The level and the reasons are in the system.\n",
    ),
    "SELF_ASSESSMENT_MISSING": (
        "[{about}] Chưa có phiếu tự đánh giá tháng {period} | Self-assessment missing for {period}",
        "Chi bộ {about} chưa gửi phiếu tự đánh giá tháng {period}, đã quá hạn.\n\n"
        "{about} has not submitted its self-assessment for {period}; the deadline has passed.\n",
    ),
    "CELL_BELOW_MINIMUM": (
        "[{about}] Không đủ đảng viên chính thức từ {period} | Too few full members from {period}",
        "Từ {period}, chi bộ {about} không còn đủ số đảng viên chính thức tối thiểu và không họp quyết định "
        "được. "
        "Cấp ủy cấp trên bổ sung đảng viên hoặc sáp nhập chi bộ.\n\n"
        "From {period} on {about} has fewer full members than a cell needs and decides nothing. "
        "Its superior sends members or merges it.\n",
    ),
    "CEREMONY_MISSED": (
        "[{about}] Lễ kết nạp quá hạn {period} | Ceremony later than {period}",
        "{about} tổ chức lễ kết nạp sau ngày {period}, quá hạn 30 ngày làm việc.\n\n"
        "{about} held an admission ceremony later than {period}, its last day.\n",
    ),
    "RECOGNITION_MISSED": (
        "[{about}] Quá hạn công nhận đảng viên chính thức {period} | Recognition overdue since {period}",
        "Đến hết ngày {period}, {about} chưa có quyết định công nhận đối với đảng viên "
        "đã hết thời gian dự bị.\n\n"
        "By {period} no recognition was recorded at {about} of a member whose probation is over.\n",
    ),
    "RELEASE_NEAR": (
        "[{about}] Tiếp nhận đảng viên trước {period} | Accept a member by {period}",
        "{about} cần tiếp nhận đảng viên chuyển đến trong ngày {period}.\n\n"
        "A member was released to {about}, to be accepted by {period}.\n",
    ),
    "RELEASE_MISSED": (
        "[{about}] Quá hạn tiếp nhận {period} | Release lapsed on {period}",
        "Đảng viên do {about} giới thiệu chuyển đi chưa được tiếp nhận trước hết ngày {period}; "
        "cần làm lại thủ tục.\n\n"
        "Nobody accepted by {period} a member whom {about} released; it releases anew.\n",
    ),
    "DATA_REQUEST_ANSWER_NEAR": (
        "[{about}] Trả lời yêu cầu dữ liệu cá nhân trước {period} | Answer a data request by {period}",
        "Một yêu cầu về dữ liệu cá nhân thuộc {about} cần được trả lời trong ngày {period}.\n\n"
        "A request about personal data at {about} is to be answered by {period}.\n",
    ),
    "DATA_REQUEST_ANSWER_MISSED": (
        "[{about}] Quá hạn trả lời yêu cầu dữ liệu cá nhân {period} | Data request unanswered since {period}",
        "Một yêu cầu về dữ liệu cá nhân thuộc {about} đã quá hạn trả lời ngày {period}.\n\n"
        "A request about personal data at {about} was to be answered by {period}, and was not.\n",
    ),
    "DATA_REQUEST_NEAR": (
        "[{about}] Thực hiện yêu cầu dữ liệu cá nhân trước {period} | Fulfil a data request by {period}",
        "Một yêu cầu về dữ liệu cá nhân thuộc {about} cần được thực hiện trong ngày {period}.\n\n"
        "A request about personal data at {about} is to be fulfilled by {period}.\n",
    ),
    "DATA_REQUEST_MISSED": (
        "[{about}] Quá hạn thực hiện yêu cầu dữ liệu cá nhân {period} | Data request overdue since {period}",
        "Một yêu cầu về dữ liệu cá nhân thuộc {about} đã quá hạn thực hiện ngày {period}.\n\n"
        "A request about personal data at {about} was to be fulfilled by {period}, and was not.\n",
    ),
    "MEETING_CALLED": (
        "[{about}] Triệu tập sinh hoạt ngày {period} | Meeting called for {period}",
        "Chi bộ {about} triệu tập cuộc sinh hoạt {names} vào ngày {period}. "
        "Giờ, địa điểm và nội dung có trong hệ thống.\n\n"
        "{about} has called its meeting {names} for {period}. "
        "The hour, the place and the topics are in the system.\n",
    ),
    "MEETING_CHANGED": (
        "[{about}] Thay đổi lịch sinh hoạt: ngày {period} | Meeting called anew, for {period}",
        "Chi bộ {about} thông báo lại cuộc sinh hoạt {names}: ngày {period}. "
        "Giờ, địa điểm và nội dung có trong hệ thống.\n\n"
        "{about} has called its meeting {names} anew, for {period}. "
        "The hour, the place and the topics are in the system.\n",
    ),
    "MEETING_CANCELLED": (
        "[{about}] Hủy cuộc sinh hoạt ngày {period} | Meeting of {period} called off",
        "Chi bộ {about} đã hủy cuộc sinh hoạt {names} dự kiến ngày {period}. Lý do có trong hệ thống.\n\n"
        "{about} has called off its meeting {names} of {period}. The reason is in the system.\n",
    ),
    "SELF_ASSESSMENT_RETURNED": (
        "[{about}] Phiếu tự đánh giá {period} được trả lại | Self-assessment for {period} returned",
        "Cấp trên trả lại phiếu tự đánh giá {period} của chi bộ {about}. "
        "Lý do và thời hạn gửi lại có trong hệ thống.\n\n"
        "The superior returned the self-assessment of {about} for {period}. The reasons and the new deadline "
        "are in the system.\n",
    ),
    "CONCERN_RECEIVED": (
        "[{about}] Tiếp nhận kiến nghị {names} ngày {period} | Concern {names} received on {period}",
        "Kiến nghị {names} của chi bộ {about} được chuyển đến cấp ủy ngày {period} "
        "để xem xét, giải quyết.\n\n"
        "On {period} the concern {names} of {about} came to your committee, to be dealt with.\n",
    ),
    "VISIT_MISMATCH": (
        "[{about}] Chưa thống nhất việc dự cuộc sinh hoạt {names} | Visit to {names} in question",
        "Người được phân công và chi bộ {about} xác nhận khác nhau về việc dự cuộc sinh hoạt {names}; "
        "cấp ủy cần làm rõ.\n\n"
        "The supervisor and {about} do not agree whether the meeting {names} was visited; it is for your "
        "committee to clear up.\n",
    ),
    "MEETING_MISSED": (
        "[{about}] Chưa sinh hoạt tháng {period} | No meeting in {period}",
        "Chi bộ {about} không có biên bản sinh hoạt thường kỳ tháng {period}, đã quá hạn.\n\n"
        "No regular meeting of {about} was recorded for {period}; the deadline has passed.\n",
    ),
    "THEMATIC_MEETING_MISSED": (
        "[{about}] Chưa sinh hoạt chuyên đề trong quý đến {period} | No thematic meeting by {period}",
        "Chi bộ {about} chưa sinh hoạt chuyên đề trong quý kết thúc tháng {period}.\n\n"
        "No thematic meeting of {about} was recorded in the quarter that ended with {period}.\n",
    ),
    "VISIT_MISSED": (
        "[{about}] Thiếu buổi dự sinh hoạt đến {period} | Visits missing by {period}",
        "Đến hết tháng {period}, cấp ủy viên được phân công chưa dự đủ số buổi sinh hoạt "
        "của chi bộ {about}.\n\n"
        "By the end of {period} fewer visits to {about} were recorded than the rules ask.\n",
    ),
    "ACKNOWLEDGEMENT_MISSED": (
        "[{about}] Quá hạn trả lời tiếp nhận kiến nghị {names} | Concern {names} not acknowledged",
        "Kiến nghị {names} của chi bộ {about} chưa được tiếp nhận bằng văn bản trong thời hạn.\n\n"
        "The concern {names} of {about} was not acknowledged in writing by its day.\n",
    ),
}
"""By rule: the subject and the body, in Vietnamese and in English."""
