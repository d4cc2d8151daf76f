import type { station as en } from "../en/station";

export const station: typeof en = {
  verb: {
    start: "启动", stop: "停止", reset: "重启", unlock: "解锁", disable: "停用", enable: "启用", disable_all: "整桩停用", enable_all: "整桩启用",
    "change-availability": "更改可用性", trigger: "请求报文", trigger_status: "请求上报状态", "get-configuration": "读取配置",
    "change-configuration": "修改配置", "clear-cache": "清除授权缓存", "data-transfer": "数据透传", reserve: "预约…", reserve_cancel: "取消预约", limit_clear: "清除功率限制", limit: "限制功率…",
    firmware: "升级固件…", diagnostics: "获取诊断日志…", raw: "发送原始指令…",
    "update-firmware": "升级固件", "signed-update-firmware": "升级固件（已签名）", "get-diagnostics": "获取诊断日志", "get-log": "获取日志", "set-charging-profile": "限制功率", "clear-charging-profile": "清除功率限制", "get-composite-schedule": "读取功率计划", "cancel-reservation": "取消预约", "send-local-list": "下发本地名单", "get-local-list-version": "读取本地名单版本", "set-password": "更换密码", "set-security-profile": "更改安全等级", "request-certificate": "申请证书", "certificate-signed": "安装证书",
  },
  command: {
    tray: "指令", waiting: "等待", placing: "提交", sent: "已发送", accepted: "已接受", confirmed: "已确认", refused: "被拒绝", failed: "失败", expired: "已过期",
    offline: "{{name}} 离线。指令将保留至 {{time}}，逾期作废。", until_done: "充电桩已同意，正在等待执行完成。",
    answered: "{{name}} 返回“{{said}}”。", look: "详情请查看报文。",
  },
  answer: {
    Rejected: "可能正忙、正在升级固件，或未插枪。请几分钟后重试，或查看报文。", NotSupported: "该型号不支持此操作。",
    UnlockFailed: "线缆可能受力。请让车主向内推一下枪头后重试。", Unavailable: "当前已停用。", Occupied: "已有车辆插枪。", Faulted: "该枪上报故障。",
    NotImplemented: "该型号不支持此指令。", UnknownVendorId: "该型号不识别此厂商标识。", RebootRequired: "重启后生效。", Scheduled: "充电结束后执行。",
  },
  reason: {
    no_right: "您的角色在此处没有该权限。", never_connected: "该充电桩从未连接。", no_session: "此处没有正在进行的充电。",
    session_runs: "所有枪都在充电。", offline: "充电桩离线，此指令只能立即发送。", unknown_evse: "未知的枪。", last_self: "这是您自己。",
  },
  ask: {
    start: "在 {{name}} 启动充电", where: "位置", token: "授权卡", token_help: "充电将记录在此卡名下。", stop: "停止 {{name}} 的充电？",
    stop_who: "{{token}} 正在 {{evse}} 号枪充电（{{energy}}）。充电将结束，车辆可拔枪。", reset: "重启 {{name}}？", reset_kind: "重启方式", soft: "软重启", hard: "硬重启",
    soft_help: "充电桩会先正常结束充电再重启，离线一两分钟。", hard_help: "立即重启，相当于断电。仅在软重启无效时使用。",
    reset_charging: "{{token}} 正在 {{evse}} 号枪充电（{{energy}}）。软重启会先结束该次充电。",
    reset_charging_hard: "{{token}} 正在 {{evse}} 号枪充电（{{energy}}）。硬重启会中断该次充电。",
    offline: "{{name}} 离线。指令保留十分钟，逾期作废。", enable: "启用 {{name}}？", disable: "停用 {{name}}？", enable_help: "车主可再次在此充电。",
    disable_help: "重新启用之前，无法在此开始充电。", disable_charging_one: "有车辆正在充电，充电结束后生效。", disable_charging_other: "{{count, number}} 辆车正在充电，充电结束后生效。",
  },
  tab: { now: "实时", sessions: "充电记录", messages: "报文", configuration: "配置", maintenance: "维护", history: "历史" },
  station: {
    start_here: "在此启动充电", status_for: "已持续 {{time}}", no_status: "尚未上报状态。", recent: "最近充电", drawing: "充电桩", model: "型号", firmware: "固件", serial: "序列号", booted: "上次启动",
    protocol: "协议", address: "网络地址", no_evses: "尚无充电枪", no_evses_help: "充电桩连接并上报后会显示。", one: "充电桩", location: "场站", connection: "连接", connectors: "充电枪",
    last_message: "最近报文", no_location: "未分配场站", password_new: "新密码", password_help: "充电桩下次连接时旧密码失效。", facts: "充电桩信息", name_help: "便于识别的名称",
    remove: "删除充电桩", remove_title: "删除 {{name}}？", remove_help: "仅可删除没有充电记录的充电桩，其报文会保留。", removed: "{{name}} 已删除。", edit: "编辑…", registration: "注册状态", registration_help: "充电桩启动时的应答。",
    accepted: "接受", pending: "待定", rejected: "拒绝",
  },
  evse: {
    label: "标签", label_help: "贴在充电枪上的名称，例如“左”或“A2”", connector: "{{number}} 号接口", type: "接口类型", format: "形式", socket: "插座", cable: "自带线缆",
    power: "最大功率（kW）", current: "最大电流（A）", voltage: "最大电压（V）", not_said: "未填写",
  },
  stations: {
    title: "充电桩", said: "{{total}} 台中 {{online}} 台在线，{{cars}}，{{faults}}", cars_zero: "无车充电", cars_one: "{{count, number}} 辆车充电中", cars_other: "{{count, number}} 辆车充电中", faults_zero: "无故障", faults_one: "{{count, number}} 台故障", faults_other: "{{count, number}} 台故障",
    add: "添加充电桩", import: "从 CSV 导入", search: "标识、名称、型号、序列号", any_status: "全部状态", any_location: "全部场站", any_presence: "在线与离线",
    empty: "暂无充电桩", empty_help: "添加第一台：系统会生成需要在桩上填写的地址和密码。", none: "没有符合条件的充电桩", none_help: "减少筛选条件以查看更多。", list: "充电桩列表", views: "视图",
    save_view: "保存当前视图", view_deleted: "视图“{{name}}”已删除。", view_name: "视图名称", exported: "已导出 {{count, number}} 台充电桩", bulk_done: "{{count, number}} 台中 {{done}} 台已接受", bulk_title: "对 {{count, number}} 台充电桩执行“{{verb}}”？",
    bulk_charging_one: "这些充电桩上有 {{count, number}} 辆车正在充电。", bulk_charging_other: "这些充电桩上有 {{count, number}} 辆车正在充电。", bulk_who: "{{station}}，{{evse}} 号枪：{{token}}（{{energy}}）", bulk_results: "各充电桩的应答", template: "下载模板",
    csv_help: "列：identity、name、location、password。仅 identity 必填；未填密码时自动生成。", csv_choose: "选择 CSV 文件", csv_ready_one: "{{count, number}} 台充电桩可导入。", csv_ready_other: "{{count, number}} 台充电桩可导入。",
    csv_errors_one: "{{count, number}} 个单元格需要修正，未导入任何内容。", csv_errors_other: "{{count, number}} 个单元格需要修正，未导入任何内容。", csv_row: "行", csv_column: "列", csv_problem: "问题", csv_only_good: "仍导入正确的行",
    csv_made: "已导入。密码仅显示这一次，请立即保存。", csv_save: "保存地址和密码", bad_identity: "须为 1–48 位字母、数字或 - _ .", twice: "第 {{row}} 行已存在", no_such_location: "没有场站“{{name}}”", bad_password: "最多 40 个字符",
  },
  fault: {
    ConnectorLockFailure: "枪锁故障", EVCommunicationError: "车辆通信故障", GroundFailure: "接地故障", HighTemperature: "温度过高", InternalError: "内部错误", LocalListConflict: "本地名单冲突",
    OtherError: "其他错误", OverCurrentFailure: "过流", OverVoltage: "过压", PowerMeterFailure: "电表故障", PowerSwitchFailure: "功率开关故障", ReaderFailure: "读卡器故障", ResetFailure: "重启失败",
    UnderVoltage: "欠压", WeakSignal: "信号弱",
  },
  repair: { broken_json: "JSON 损坏", transaction_id: "交易号", null_fields: "空字段", extra_fields: "去除未知字段", loose_types: "数字与文本混用", long_strings: "截短过长文本", unknown_values: "未知取值", local_times: "本地时间", time_format: "时间格式", local_times_said_utc: "本地时间误标为 UTC", connector_id: "枪编号", energy_kwh_said_wh: "kWh 误标为 Wh", energy_wh_said_kwh: "Wh 误标为 kWh", power_kw_said_w: "kW 误标为 W", power_w_said_kw: "W 误标为 kW", register_in_kwh: "表底以 kWh 计", register_in_tenths_of_kwh: "表底以十分之一 kWh 计", register_in_tenths: "表底以十分之一计", meter_stop_is_energy: "结束读数为电量而非表底", absurd_energy: "不可能的电量" },
  messages: {
    repaired: "读取前已修正：{{what}}。", repaired_help: "以下为收到的原文。",
    all: "全部报文", search: "报文内容", any_action: "全部动作", both: "双向", from_station: "桩 → 平台", to_station: "平台 → 桩", any_outcome: "全部结果", errors: "错误", waiting: "等待中",
    follow: "实时跟随", raw: "原始指令", older: "更早的报文", empty: "没有符合条件的报文", empty_help: "充电桩收发的每一条报文都保存在这里。", call: "请求", answer: "应答", none_yet: "尚无应答",
    malformed: "格式错误", in: "桩发出", out: "平台发出", copy: "复制 JSON", list: "报文", timeout: "超时未应答", abandoned: "已放弃", unmatched: "无对应请求", error: "被拒绝", result: "已应答", end: "已全部显示。",
  },
  config: {
    read: "从桩读取", search: "键或值", key: "键", value: "值", readonly: "只读", unknown: "桩不识别", change: "修改", reported: "充电桩于 {{time}} 上报。", never: "尚未读取",
    never_help: "向充电桩请求配置，数秒内即可返回。", list: "配置项", change_title: "修改 {{key}}", takes: "充电桩会答复是否接受该值。",
  },
  maintenance: {
    limit: "限制功率", limit_help: "为整桩设置充电曲线，直至清除。", limit_kw: "上限（kW）", limit_set: "设置上限", limit_clear: "清除上限", limit_now: "当前上限 {{limit}}，自 {{time}} 起", reserve: "预约", reserve_help: "在此期间仅该卡可充电。",
    until: "时长（分钟）", reserve_do: "预约", reserve_cancel: "取消预约", reserved: "{{token}}：{{where}}，至 {{time}}", any_evse: "任意枪", download: "下载", firmware: "升级固件", firmware_help: "充电桩自行下载文件，安装后重启。", firmware_url: "文件地址", firmware_do: "立即升级", firmware_now: "当前版本 {{version}}。", firmware_image: "固件",
    diagnostics: "获取诊断日志", diagnostics_help: "充电桩上传日志后显示在这里。", diagnostics_url: "其他上传地址（FTP 或 HTTP）", diagnostics_do: "请求日志", raw: "原始指令",
    raw_help: "任意 OCPP 1.6 动作，发送前按规范校验。", action: "动作", send: "发送", as_json: "以 JSON 编辑", as_form: "以表单编辑", answer: "应答", bad_json: "不是有效的 JSON。", password: "密码",
    password_do: "生成新密码", add_item: "添加", remove_item: "移除",
  },
  job: {
    requested: "等待中", accepted: "已接受", uploading: "上传中", uploaded: "已上传", upload_failed: "上传失败", downloading: "下载中", downloaded: "已下载", signature_verified: "签名已验证", invalid_signature: "签名无效", install_rebooting: "正在重启", install_scheduled: "已安排安装", download_failed: "下载失败",
    installing: "安装中", installed: "已安装", installation_failed: "安装失败", refused: "被拒绝", failed: "失败", expired: "已过期", idle: "空闲",
  },
  history: {
    commands: "指令", facts: "事件", verb: "指令", by: "操作人", when: "时间", state: "结果", no_commands: "暂无指令", no_facts: "暂无事件", no_commands_help: "人员和脚本对该桩的操作都保存在这里。",
    told_at: "{{time}} 上报",
  },
  fact: {
    StartFailed: "启动失败", IdTokenDecidedWithoutDatabase: "数据库不可用时作出的授权决定",
    StationBooted: "充电桩启动", StationWentOnline: "上线", StationWentOffline: "离线", ConnectorFaulted: "故障", ConnectorRecovered: "故障恢复", SessionStarted: "充电开始", SessionEnded: "充电结束", 
    SessionReopened: "充电实际仍在继续", RebootRequired: "需要重启", ReservationAccepted: "预约已接受", ReservationRefused: "预约被拒绝", ReservationUsed: "预约已使用", ReservationCancelled: "预约已取消",
    ChargingProfileInstalled: "已设置功率限制", ChargingProfilesCleared: "已清除功率限制", DataReceived: "厂商报文", DiagnosticsStatusReported: "诊断", FirmwareStatusReported: "固件升级", LogStatusReported: "日志上传",
    CertificateRequested: "申请证书", CertificateRequestRefused: "证书申请被拒", CertificateInstalled: "证书已安装", CertificateRejected: "证书被拒绝", SecurityProfileAccepted: "安全配置已接受", SecurityProfileRefused: "安全配置被拒绝",
    SecurityEventReported: "安全事件", CriticalSecurityEventReported: "严重安全事件", StationCertificateInvalid: "充电桩证书无效", OurCertificateInvalid: "充电桩不信任我方证书",
  },
};
